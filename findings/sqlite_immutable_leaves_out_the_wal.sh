#!/usr/bin/env bash
# SQLite 3.54.1 (in the wheel apsw 3.54.1.0): `immutable=1` reads a database without its WAL, and says nothing.
#
# A database in WAL mode is copied with the `-wal` beside it, as a backup of a service that runs or was killed is. One row
# is in the file, one was committed and is in the WAL. Where the copy lies nothing can be written, so `mode=ro` cannot make
# the `-shm` that it needs, and gives an error. `immutable=1` opens it: the row in the WAL is not there, nothing fails, and
# `PRAGMA integrity_check` finds all well.
#
# One would expect all that was committed, or an error. The page on URI file names says of `immutable` that the file is held
# to be on read-only media and that locks and looking for changes are left out, and warns of files that do change: these do
# not. The page on WAL, under "Read-Only Databases", names a database that is immutable among those in WAL mode that can be
# read where nothing can be written. Neither says that the WAL is passed over.
#
# What reads all of it there: no locks (the VFS `unix-none`), and `locking_mode=exclusive` before the first read, by which
# SQLite keeps the index of the WAL in its own memory.
#
#> SQLite 3.54.1
#> mode=ro: CantOpenError: unable to open database file
#> immutable=1: in the file; integrity_check: ok
#> mode=ro&vfs=unix-none, locking_mode=exclusive: in the file, in the WAL; integrity_check: ok
#
# What we do: `immutable=1` only where no WAL is, the other way where there is one: events/log/src/database/read_only.rs.
# On Unix; with Python 3.
set -euo pipefail
. "$(dirname "$0")/setup.bash"

python_packages apsw==3.54.1.0

cat >copy.py <<'PYTHON'
import os
import pathlib
import shutil
import sys

import apsw

work = pathlib.Path(sys.argv[1])
print("SQLite", apsw.sqlite_lib_version())

here, copy = work / "here", work / "copy"
here.mkdir()
copy.mkdir()
writer = apsw.Connection(str(here / "log.sqlite"))
writer.execute("PRAGMA journal_mode = WAL").fetchall()
writer.execute("CREATE TABLE told (word TEXT)")
writer.execute("INSERT INTO told VALUES ('in the file')")
writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
writer.execute("INSERT INTO told VALUES ('in the WAL')")
for name in ("log.sqlite", "log.sqlite-wal"):
    shutil.copy(here / name, copy)

# Nobody may write there. Root may all the same, so from here on this is somebody else.
copy.chmod(0o555)
if os.geteuid() == 0:
    work.chmod(0o711)
    os.seteuid(65534)
(copy / "log.sqlite").read_bytes()
try:
    (copy / "mark").touch()
    sys.exit(f"{copy} can be written: nothing is shown")
except PermissionError:
    pass


def read(how, exclusive=False):
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    try:
        reader = apsw.Connection(f"file:{copy}/log.sqlite?{how}", flags=flags)
        if exclusive:
            reader.execute("PRAGMA locking_mode = exclusive").fetchall()
        words = [word for (word,) in reader.execute("SELECT word FROM told")]
        checked = [line for (line,) in reader.execute("PRAGMA integrity_check")]
    except apsw.Error as error:
        return f"{type(error).__name__}: {error}"
    return f"{', '.join(words)}; integrity_check: {', '.join(checked)}"


print("mode=ro:", read("mode=ro"))
print("immutable=1:", read("immutable=1"))
print("mode=ro&vfs=unix-none, locking_mode=exclusive:", read("mode=ro&vfs=unix-none", exclusive=True))
PYTHON
as_told python3 copy.py "$work"
