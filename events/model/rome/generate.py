#!/usr/bin/env python3
"""Writes rome.tsv from France Travail's export of the ROME; README.md says where that is.

    python3 generate.py RefRomeCsv.zip|FILE.csv

Needs Python 3.9; no other library. The same export gives the same bytes.
"""

import csv
import io
import pathlib
import re
import sys
import zipfile

TABLE = pathlib.Path(__file__).with_name("rome.tsv")
LISTING = re.compile(r"unix_referentiel_code_rome_v\d+_utf8\.csv$")


def listing(path):
    if not zipfile.is_zipfile(path):
        return pathlib.Path(path).read_text("utf-8")
    with zipfile.ZipFile(path) as packed:
        (name,) = [name for name in packed.namelist() if LISTING.search(name)]
        return packed.read(name).decode("utf-8")


def main(path):
    rows = csv.DictReader(io.StringIO(listing(path), newline=""))
    parents = {row["code_rome"]: row["code_rome_parent"] or row["code_rome"] for row in rows}
    for code, parent in parents.items():
        assert re.fullmatch("[A-N][0-9]{4}", code), code
        assert parents.get(parent) == parent, f"{parent}, the parent of {code}, has a parent itself, or is no code"
    lines = [f"{parent}\t{code}\n" for code, parent in parents.items()]
    TABLE.write_bytes("".join(sorted(lines)).encode())
    print(f"{len(parents)} codes, {len(set(parents.values()))} parents, {TABLE.stat().st_size} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
