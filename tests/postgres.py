"""A private PostgreSQL: found, initialised, started."""

import contextlib
import glob
import os
import pathlib
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess

import wheels
from private import CannotStart, Server, as_user

# Durability is what the product promises, so the tests pay for it: fsync stays on (the default).
SETTINGS = {"max_connections": "200", "shared_buffers": "256MB", "listen_addresses": "127.0.0.1"}


@contextlib.contextmanager
def postgres(directory, lock):
    """Yields the address of a superuser and the folder of the programs."""
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    programs = programs_for(directory, user)
    home = directory / "postgres"
    home.mkdir()
    if user is not None:
        os.chown(home, user.pw_uid, user.pw_gid)
    password = secrets.token_urlsafe(16)
    initialise(programs, home, password, user)
    server, port = start(programs, home, directory, lock, user)
    try:
        yield f"postgres://postgres:{password}@127.0.0.1:{port}/postgres", programs
    finally:
        server.stop(signal.SIGQUIT)  # immediate: the data is about to be removed


def programs_for(directory, user):
    """The folder of a PostgreSQL that `user` can run."""
    given = os.environ.get("PARCOURS_POSTGRES_BIN")
    if given:
        if not runs(pathlib.Path(given), user):
            raise CannotStart(f"PARCOURS_POSTGRES_BIN={given}: {account(user)} cannot run {given}/postgres")
        return pathlib.Path(given).resolve()
    oldest = os.environ.get("PARCOURS_POSTGRES") == "oldest"
    try:
        found = (wheels.oldest_postgres() if oldest else wheels.program("postgres")).parent
        reason = f"{found}/postgres does not run here"
        if runs(found, None) and not runs(found, user):
            found = copy_of(found, directory)
        if runs(found, user):
            return found
    except wheels.NotToBeHad as error:
        reason = str(error)
    if oldest:
        raise CannotStart(f"the oldest PostgreSQL cannot be had: {reason}")
    for found in installed():
        if runs(found, user):
            return found
    raise CannotStart(
        f"no PostgreSQL: {reason}, and none is installed.\n"
        "Install one (Debian: apt-get install postgresql), or set PARCOURS_POSTGRES_BIN to the folder of its programs."
    )


def installed():
    """Folders of server programs on this machine, newest of Debian's first, then the PATH's."""
    debian = glob.glob("/usr/lib/postgresql/*/bin")
    folders = sorted(debian, key=lambda folder: -float(re.sub(r"[^0-9.]", "", folder) or 0))
    on_path = shutil.which("postgres")
    if on_path:
        folders.append(os.path.dirname(os.path.realpath(on_path)))
    return [pathlib.Path(folder) for folder in folders]


def runs(programs, user):
    """Whether `user` (None: whoever runs this) can run both programs."""
    identity = {} if user is None else as_user(user)
    for program in ("postgres", "initdb"):
        try:
            done = subprocess.run([programs / program, "--version"], capture_output=True, cwd="/", **identity)
        except OSError:
            return False
        if done.returncode != 0:
            return False
    return True


def copy_of(programs, directory):
    """PostgreSQL finds its files relative to its programs, so a copy of the whole wheel works anywhere."""
    wheel = programs.parents[2]
    shutil.copytree(wheel, directory / "programs")
    subprocess.run(["chmod", "-R", "a+rX", directory / "programs"], check=True)
    return directory / "programs" / programs.relative_to(wheel)


def initialise(programs, home, password, user):
    secret = home / "password"
    secret.write_text(password)
    if user is not None:
        os.chown(secret, user.pw_uid, user.pw_gid)
    command = [programs / "initdb", "--pgdata", home / "data", "--username=postgres", "--pwfile", secret]
    command += ["--auth-local=trust", "--auth-host=password", "--encoding=UTF8", "--locale=C"]
    command += ["--no-sync", "--no-instructions"]
    identity = {} if user is None else as_user(user)
    done = subprocess.run(command, capture_output=True, text=True, cwd=home, **identity)
    if done.returncode != 0:
        raise CannotStart(f"initdb failed as {account(user)}:\n{done.stderr.strip()}")


def start(programs, home, directory, lock, user):
    """The running server and its port. A port that was free may be taken a moment later: then another is tried."""
    settings = dict(SETTINGS, unix_socket_directories=str(home))
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    for attempt in range(5):
        port = free_port()
        command = [programs / "postgres", "-D", home / "data", "-p", str(port), *options]
        server = Server("postgres", command, directory, lock, user)
        try:
            # The last line of postmaster.pid says `ready` once connections are accepted: what pg_ctl waits for.
            server.wait_until(lambda: (lines_of(home / "data" / "postmaster.pid")[7:] or [""])[0].strip() == "ready")
            return server, port
        except CannotStart:
            server.stop(signal.SIGQUIT)
            if attempt == 4 or "in use" not in server.last_words():
                raise
        except BaseException:
            server.stop(signal.SIGQUIT)
            raise


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def lines_of(file):
    try:
        return file.read_text().splitlines()
    except FileNotFoundError:
        return []


def account(user):
    return "this account" if user is None else f"the account `{user.pw_name}`"
