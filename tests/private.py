"""What a private server needs: a directory that goes with it, and a process that is always stopped."""

import contextlib
import ctypes
import fcntl
import glob
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PREFIX = "parcours-servers-"
READY_WITHIN = 60  # seconds; a start takes about one
STOPPED_WITHIN = 10  # seconds, then SIGKILL
PR_SET_PDEATHSIG = 1  # linux/prctl.h


class CannotStart(Exception):
    """The server cannot be had; the message says what to do."""


@contextlib.contextmanager
def private_directory():
    """A temporary directory, locked while it is in use, removed at the end."""
    parent = tempfile.gettempdir()
    # A socket's path has at most 107 bytes, and an unprivileged server must be able to enter.
    if len(parent) > 60 or not open_to_all(parent):
        parent = "/tmp"
    sweep(parent)
    directory = pathlib.Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    directory.chmod(0o711)
    try:
        lock = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield directory, lock
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def sweep(parent):
    """Removes what a killed run left behind. Its servers hold the lock too, so a locked directory is alive."""
    for lock in glob.glob(os.path.join(parent, PREFIX + "*", "lock")):
        try:
            if time.time() - os.path.getmtime(lock) < 60:
                continue
            with open(lock, "r+") as held:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(os.path.dirname(lock), ignore_errors=True)
        except OSError:
            continue


def open_to_all(directory):
    path = pathlib.Path(directory).resolve()
    return all(step.stat().st_mode & 0o001 for step in [path, *path.parents])


class Server:
    """A server process: started once, watched while it gets ready, always stopped."""

    def __init__(self, name, command, directory, lock, user=None):
        self.name = name
        self.log = directory / f"{name}.log"
        identity = {} if user is None else as_user(user)
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=directory,
                start_new_session=True,  # Ctrl-C is for COMMAND; the servers are stopped after it
                pass_fds=(lock,),
                preexec_fn=die_with_parent(signal.SIGQUIT if name == "postgres" else signal.SIGTERM),
                **identity,
            )

    def wait_until(self, ready):
        """Waits for what `ready` returns to be true, and returns it."""
        limit = time.monotonic() + READY_WITHIN
        while True:
            if self.process.poll() is not None:
                raise CannotStart(f"{self.name} stopped while starting:\n{self.last_words()}")
            answer = ready()
            if answer:
                return answer
            if time.monotonic() > limit:
                raise CannotStart(f"{self.name} was not ready within {READY_WITHIN} s:\n{self.last_words()}")
            time.sleep(0.01)

    def last_words(self):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])

    def stop(self, how):
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(STOPPED_WITHIN)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def die_with_parent(number):
    """Asks the kernel to signal the child when this process dies, however it dies. Linux only: elsewhere, nothing."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def ask():
        libc.prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:
            os._exit(1)

    return ask


def as_user(user):
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
