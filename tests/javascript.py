#!/usr/bin/env python3
"""Runs a script of tests/javascript, or an example for partners, with Node.js and the packages it needs.

    tests/javascript.py SCRIPT [ARGUMENT...]

Node.js is the one on the PATH if it is recent enough, else a wheel (tests/wheels.py). The packages are those of
tests/javascript/package-lock.json, fetched once into target/javascript; nothing is installed beside the sources.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import wheels  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent / "javascript"
EXAMPLES = wheels.ROOT / "services/outcomes/examples"
OLDEST = 20


def node():
    """The path of Node.js."""
    found = shutil.which("node")
    if found:
        version = subprocess.run([found, "--version"], capture_output=True, text=True).stdout
        if version.startswith("v") and int(version[1:].split(".")[0]) >= OLDEST:
            return pathlib.Path(found)
    return wheels.program("node")


def npm(node_path):
    """The command that runs the npm that came with this Node.js, or the one on the PATH."""
    beside = node_path.resolve().parent.parent / "lib/node_modules/npm/bin/npm-cli.js"
    if beside.is_file():
        return [str(node_path), str(beside)]
    if shutil.which("npm"):
        return ["npm"]
    raise wheels.NotToBeHad(f"{node_path} has no npm beside it: install npm")


def packages(node_path):
    """The folder with scripts and packages, made whole or not at all; another one for other sources."""
    sources = sorted([*HERE.iterdir(), *EXAMPLES.glob("*.js")])
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    place = wheels.target_directory() / "javascript"
    made = place / digest
    place.mkdir(parents=True, exist_ok=True)
    with wheels.alone(place / "lock"):
        if not made.is_dir():
            work = pathlib.Path(tempfile.mkdtemp(dir=place))
            for source in sources:
                shutil.copy(source, work)
            print("fetching JavaScript packages (once)", file=sys.stderr, flush=True)
            command = npm(node_path) + ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            done = subprocess.run(command, cwd=work, stdin=subprocess.DEVNULL, stdout=sys.stderr)
            if done.returncode != 0:
                shutil.rmtree(work, ignore_errors=True)
                raise wheels.NotToBeHad("npm cannot fetch the packages of tests/javascript on this machine")
            work.rename(made)
    return made


def main(arguments):
    if not arguments:
        sys.exit("usage: tests/javascript.py SCRIPT [ARGUMENT...]")
    node_path = node()
    script = packages(node_path) / arguments[0]
    os.execv(node_path, [str(node_path), str(script), *arguments[1:]])


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except wheels.NotToBeHad as error:
        sys.exit(f"tests/javascript.py: {error}")
