#!/usr/bin/env python3
"""Writes postcodes.tsv from the registry package that geography.tsv is from; README.md says who made the data.

    python3 postcodes.py [NPM_VERSION]

Needs Python 3.9 and npm; no other library.
"""

import collections
import pathlib
import sys
import tempfile

from generate import administrative

TABLE = pathlib.Path(__file__).with_name("postcodes.tsv")


def main(version="6.0.0"):
    with tempfile.TemporaryDirectory() as folder:
        (communes,) = administrative(version, folder, "communes")
    codes = collections.defaultdict(set)
    for commune in communes:
        if commune["type"] == "commune-actuelle":
            for postcode in commune.get("codesPostaux", []):
                codes[postcode].add(commune["code"])
    lines = (f"{postcode}\t{' '.join(sorted(codes[postcode]))}\n" for postcode in sorted(codes))
    TABLE.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
