#!/usr/bin/env python3
"""Writes addresses.tsv: what an address says beside a code, postcodes and the names that communes had.

    python3 addresses.py [NPM_VERSION]

Run it after generate.py, whose table says which commune took which code over. Needs Python 3.9 and npm; no other library.
"""

import collections
import pathlib
import sys
import tempfile

from generate import HISTORY, TABLE, administrative

ADDRESSES = pathlib.Path(__file__).with_name("addresses.tsv")


def main(npm_version="6.0.0"):
    rows = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines()]
    names = {row[1]: row[5] for row in rows if row[0] == "C"}
    today = {code: code for code in names}
    today.update((row[1], row[2]) for row in rows if row[0] in "AF")
    with tempfile.TemporaryDirectory() as folder:
        (entries,) = administrative(npm_version, folder, "communes")
        (history,) = administrative(HISTORY, folder, "historique-communes")

    postcodes = collections.defaultdict(set)
    for entry in entries:
        if entry["type"] == "commune-actuelle" and entry["code"] in names:
            for postcode in entry.get("codesPostaux", ()):
                postcodes[postcode].add(entry["code"])

    # An arrondissement is named after its commune.
    former = set()
    for entry in [*entries, *history]:
        commune = today.get(entry["code"])
        if entry["type"] not in ("arrondissement-municipal", "ARM") and commune and entry["nom"] != names[commune]:
            former.add((commune, entry["nom"]))

    lines = [("P", postcode, *sorted(codes)) for postcode, codes in sorted(postcodes.items())]
    lines += [("N", *pair) for pair in sorted(former)]
    ADDRESSES.write_bytes("".join("\t".join(line) + "\n" for line in lines).encode())
    print(f"{len(postcodes)} postcodes, {len(former)} names of yesterday, {ADDRESSES.stat().st_size} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
