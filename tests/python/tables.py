"""Reads tables of figures as people do who ask for no options, and tells what they see.

    tables.py FIGURES.csv FIGURES-FR.csv FIGURES.parquet DATAPACKAGE.json

Prints one line of JSON a reader: its name, and of each line of the table the columns `line`, `territory`, `key`, `from` and
`entries`, with what the reader takes the last two for.
"""

import json
import sys

import duckdb
import pandas
import polars

COLUMNS = ["line", "territory", "key", "from", "entries"]


def tell(reader, rows):
    rows = [[None if value is None or value != value else value for value in row] for row in rows]
    told = [[line, place, key, str(day)[:10], entries] for line, place, key, day, entries in rows]
    whole = all(type(entries).__name__ in ("int", "int64") for *_, entries in rows)
    print(json.dumps({"reader": reader, "rows": told, "whole": whole}, default=int))


def main(csv, csv_fr, parquet, package):
    tell("pandas", pandas.read_csv(csv)[COLUMNS].itertuples(index=False))
    tell("polars", polars.read_csv(csv, try_parse_dates=True).select(COLUMNS).rows())
    duck = ", ".join(f'"{name}"' for name in COLUMNS)
    tell("duckdb", duckdb.sql(f"SELECT {duck} FROM '{csv}'").fetchall())
    tell("polars, parquet", polars.read_parquet(parquet).select(COLUMNS).rows())
    tell("duckdb, parquet", duckdb.sql(f"SELECT {duck} FROM '{parquet}'").fetchall())
    # What the descriptor says of the French table is what a reader is told who cannot guess.
    described = json.load(open(package, encoding="utf-8"))["resources"]
    french = next(resource for resource in described if resource["name"] == "csv-fr")
    names = {field["name"]: field["type"] for field in french["schema"]["fields"]}
    frame = pandas.read_csv(csv_fr, sep=french["dialect"]["delimiter"], decimal=",", encoding="utf-8-sig")
    assert list(frame.columns) == list(names), (list(frame.columns), list(names))
    shares = [name for name, kind in names.items() if kind == "number"]
    assert all(frame[name].dtype.kind == "f" for name in shares), frame.dtypes
    counts = [name for name, kind in names.items() if kind == "integer"]
    assert all(frame[name].dtype.kind == "i" for name in counts), frame.dtypes
    # Every type of the dictionary is the one that a typed file has.
    english = next(resource for resource in described if resource["name"] == "parquet")
    kinds = {"string": "String", "date": "Date", "datetime": "Datetime", "integer": "Int64", "number": "Float64"}
    kinds["boolean"] = "Boolean"
    schema = polars.read_parquet_schema(parquet)
    for field in english["schema"]["fields"]:
        assert str(schema[field["name"]]).startswith(kinds[field["type"]]), (field, schema[field["name"]])


main(*sys.argv[1:])
