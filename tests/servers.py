#!/usr/bin/env python3
"""Owner of the private servers that tests run against: one PostgreSQL, one NATS with JetStream.

    tests/servers.py run -- COMMAND...   starts both, runs COMMAND, stops both, exits as COMMAND did
    tests/servers.py up                  starts both, prints their addresses, stays until Ctrl-C

COMMAND finds the servers in its environment:

    PARCOURS_TEST_POSTGRES       postgres:// address of a superuser
    PARCOURS_TEST_NATS           nats:// address
    PARCOURS_TEST_POSTGRES_BIN   folder with initdb, postgres, pg_ctl, ...
    PARCOURS_TEST_NATS_SERVER    path of nats-server; _OLDEST: of the oldest release that is published to; _TOO_OLD: of
                                 one that is not

The programs are wheels from PyPI (tests/wheels.py), or those that PARCOURS_POSTGRES_BIN (a folder) and
PARCOURS_NATS_SERVER (a path) name, or a PostgreSQL found on this machine; with PARCOURS_POSTGRES=oldest it is the oldest
that is supported. Servers, their data and their sockets live in one temporary directory, which goes with them: nothing on
the machine is used or changed.
"""

import contextlib
import os
import signal
import subprocess
import sys

sys.dont_write_bytecode = True  # a test run leaves nothing in the source tree

import wheels  # noqa: E402
from nats import nats, older  # noqa: E402
from postgres import postgres  # noqa: E402
from private import CannotStart, die_with_parent, private_directory  # noqa: E402

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
COMMAND_STOPPED_WITHIN = 30  # seconds after a signal was passed on to COMMAND


class Interrupted(Exception):
    def __init__(self, number):
        self.number = number


@contextlib.contextmanager
def servers():
    """Both servers, as the variables that tell where they are."""
    with private_directory() as (directory, lock):
        with nats(directory, lock) as (nats_url, nats_server), postgres(directory, lock) as (postgres_url, programs):
            try:
                yield {
                    "PARCOURS_TEST_POSTGRES": postgres_url,
                    "PARCOURS_TEST_NATS": nats_url,
                    "PARCOURS_TEST_POSTGRES_BIN": str(programs),
                    "PARCOURS_TEST_NATS_SERVER": str(nats_server),
                    **older(),
                }
            finally:
                for number in STOP_SIGNALS:
                    signal.signal(number, signal.SIG_IGN)  # nothing interrupts the cleaning


def run(command):
    with servers() as addresses:
        try:
            child = subprocess.Popen(
                command, env={**os.environ, **addresses}, preexec_fn=die_with_parent(signal.SIGTERM)
            )
        except OSError as error:
            raise CannotStart(f"cannot run {command[0]}: {error.strerror}") from error

        def pass_on(number, _frame):
            # A terminal's Ctrl-C reaches the child by itself; twice would mean "at once" to some.
            if not (number == signal.SIGINT and terminal_is_ours()):
                child.send_signal(number)
            signal.alarm(COMMAND_STOPPED_WITHIN)

        signal.signal(signal.SIGALRM, lambda _number, _frame: child.kill())
        for number in STOP_SIGNALS:
            signal.signal(number, pass_on)
        code = child.wait()
        signal.alarm(0)
        return code if code >= 0 else 128 - code


def terminal_is_ours():
    try:
        with open("/dev/tty") as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False


def up():
    with servers() as addresses:
        for name, value in addresses.items():
            print(f"export {name}='{value}'")
        print("Paste these lines in another terminal. Ctrl-C stops the servers.", file=sys.stderr)
        sys.stdout.flush()
        while True:
            signal.pause()


def interrupt(number, _frame):
    raise Interrupted(number)


def main(arguments):
    for number in STOP_SIGNALS:
        signal.signal(number, interrupt)
    try:
        if arguments == ["up"]:
            return up()
        if arguments[:2] == ["run", "--"] and len(arguments) > 2:
            return run(arguments[2:])
    except (CannotStart, wheels.NotToBeHad) as error:
        print(f"tests/servers.py: {error}", file=sys.stderr)
        return 1
    except Interrupted as interrupted:
        return 128 + interrupted.number
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
