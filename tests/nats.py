"""A private NATS server with JetStream."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import sys

import wheels
from private import CannotStart, Server


@contextlib.contextmanager
def nats(directory, lock):
    """Yields the address and the path of the program."""
    executable = program()
    home = directory / "nats"
    home.mkdir()
    configuration = home / "nats.conf"
    configuration.write_text(
        # Port -1: the server takes a free one and writes it to a file in `ports_file_dir`.
        f'host: "127.0.0.1"\nport: -1\nports_file_dir: "{home}"\n'
        f'jetstream {{ store_dir: "{home}", sync_interval: always }}\n'
    )
    server = Server("nats", [executable, "--config", configuration], directory, lock)
    try:
        yield server.wait_until(lambda: address(home)), executable
    finally:
        server.stop(signal.SIGTERM)


def program():
    given = os.environ.get("PARCOURS_NATS_SERVER")
    if given:
        if not os.access(given, os.X_OK):
            raise CannotStart(f"PARCOURS_NATS_SERVER={given} is not a program")
        return pathlib.Path(given).resolve()
    try:
        return wheels.program("nats-server")
    except wheels.NotToBeHad as error:
        on_path = shutil.which("nats-server")
        if on_path:
            return pathlib.Path(on_path)
        raise CannotStart(
            f"no nats-server: {error}.\nInstall one, or set PARCOURS_NATS_SERVER to its path."
        ) from error


def older():
    """Programs of older releases, as the variables that tell where they are. One that cannot be had is left out: the tests
    that need it then fail, and say so."""
    programs = {}
    for name, variable in (
        ("nats-server-oldest", "PARCOURS_TEST_NATS_SERVER_OLDEST"),
        ("nats-server-too-old", "PARCOURS_TEST_NATS_SERVER_TOO_OLD"),
    ):
        try:
            programs[variable] = str(wheels.program(name))
        except wheels.NotToBeHad as error:
            print(f"no {name}: {error}", file=sys.stderr, flush=True)
    return programs


def address(home):
    for file in home.glob("*.ports"):
        with contextlib.suppress(ValueError):  # half written
            return json.loads(file.read_text())["nats"][0]
    return None
