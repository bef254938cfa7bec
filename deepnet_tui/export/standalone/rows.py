from __future__ import annotations

import argparse
import csv
import json
import os
import re
import sys
from typing import Any

import numpy as np

from deepnet_tui.data.values.number_format import is_numeral, value_of
from deepnet_tui.export.standalone.numpy_outputs import outputs
from deepnet_tui.export.standalone.table import MISSING, PERHAPS_MISSING, read

MODEL: dict[str, Any] = {}
PARAMETERS: dict[str, Any] = {}

TRANSFORMS: dict[str, Any] = {}
TRUE_WORDS = {"true", "yes", "t", "y", "1", "1.0"}
FALSE_WORDS = {"false", "no", "f", "n", "0", "0.0"}


def predict(rows: Any, remarks: Any = None, decimal: str = ".") -> dict[str, Any]:
    """Predict raw rows: a list of dictionaries, one a row, or a mapping from column to values.

    Classes: {"label": (m,), "probabilities": (m, classes) in the order of MODEL["classes"]}.
    A number: {"prediction": (m,)}. Raises ValueError, in one sentence, for a missing column and an unreadable value.
    Sentences about unknown words and missing values are added to `remarks` if it is a list; `decimal` is the decimal
    mark of numbers that are texts.
    """
    A = outputs(MODEL["network"], PARAMETERS, prepare(rows, remarks, decimal))
    if MODEL["network"]["task"] == "regression":
        return {"prediction": target_values(A[0])}
    probabilities = np.stack([1.0 - A[0], A[0]], axis=1) if MODEL["network"]["task"] == "binary" else A.T
    return {
        "label": np.array(MODEL["classes"], dtype=object)[probabilities.argmax(axis=1)],
        "probabilities": probabilities,
    }


def target_values(outputs: Any) -> Any:
    """Values in the unit of the target from the outputs (m,) of the network."""
    found = outputs * MODEL["target_scale"] + MODEL["target_mean"]
    scaling = MODEL.get("target_scaling")
    if not scaling:
        return found
    if scaling["log"]:
        with np.errstate(over="ignore"):
            found = np.exp(found) - scaling["shift"]
    low, high = scaling["low"], scaling["high"]
    return np.clip(found, -np.inf if low is None else low, np.inf if high is None else high)


def prepare(rows: Any, remarks: Any = None, decimal: str = ".") -> Any:
    """The inputs of the network (inputs, m): missing values filled, words one-hot, numbers scaled and in bins."""
    inputs: list[Any] = []
    filled: dict[str, Any] = {}
    remarks = [] if remarks is None else remarks
    for entry in MODEL["preparation"]["entries"]:
        if entry["kind"] == "block":
            inputs.append((block(rows, entry, decimal).T - entry["mean"]) / entry["scale"])
            continue
        values = column(rows, entry["name"])
        if entry["kind"] == "categorical":
            seen = {*entry["categories"], *entry.get("rare", [])}
            words = [known(word(value), seen, decimal) for value in values]
            unknown = [w for w in words if w and w not in seen]
            if unknown:
                remarks.append(
                    f"column {entry['name']!r}: unknown words: {len(unknown):,}, the first is {unknown[0]!r}"
                )
            if "" in words and "" not in seen:
                remarks.append(f"column {entry['name']!r}: missing values, none in training: {words.count(''):,}")
            inputs.append(word_inputs(words, entry))
        else:
            each = [number(value, entry, row, decimal) for row, value in enumerate(values, 1)]
            numbers = np.array(each, dtype=np.float64)
            missing = np.isnan(numbers)
            if missing.any():
                remarks.append(f"column {entry['name']!r}: missing values filled in: {int(missing.sum()):,}")
            numbers[missing] = entry["fill"]
            filled[entry["name"]] = numbers
            inputs.append(number_inputs(numbers, missing, entry))
    for made in MODEL["preparation"].get("transforms", []):
        each = TRANSFORMS[made["kind"]](*(filled[name] for name in made["columns"]))
        inputs.append(each[np.newaxis, :])
    return np.concatenate([part.reshape(len(part), -1) for part in inputs if len(part)])


def number_inputs(numbers: Any, missing: Any, entry: dict[str, Any]) -> Any:
    """The inputs of one column of numbers (m,): scaled, in bins, as parts of a period, and whether one is missing."""
    z = (numbers[np.newaxis, :] - entry["mean"]) / entry["scale"]
    if entry.get("clip"):
        t = np.clip(z / entry["clip"], -1e10, 1e10)
        z = entry["clip"] * t / np.sqrt(1.0 + t * t)
    parts = [z]
    edges = np.array(entry.get("edges", []))[:, np.newaxis]
    if len(edges):
        parts.append(np.clip((numbers - edges[:-1]) / (edges[1:] - edges[:-1]), 0.0, 1.0) - 0.5)
    for period in entry.get("periods", []):
        turns = numbers / period
        angle = 2.0 * np.pi * (turns - np.floor(turns))
        parts += [np.sin(angle)[np.newaxis, :], np.cos(angle)[np.newaxis, :]]
    if entry.get("missing"):
        parts.append(missing[np.newaxis, :].astype(np.float64))
    return np.concatenate(parts)


def word_inputs(words: Any, entry: dict[str, Any]) -> Any:
    """The inputs of one column of words: one-hot, whether it is another word, and what is known of the word."""
    kept, rare, statistics = entry["categories"], entry.get("rare", []), entry.get("statistics", [])
    parts = [[float(w == c) for w in words] for c in kept]
    if entry.get("other"):
        parts.append([float(w not in kept) for w in words])
    if statistics:
        zeros = [0.0] * len(statistics[0])
        table = dict(zip([*kept, *rare], statistics))  # noqa: B905
        found = np.array([table.get(w, zeros) for w in words]).reshape(len(words), len(zeros))
        parts += found.T.tolist()
    return np.array(parts)


def column(rows: Any, name: str) -> Any:
    """The values (m,) of one column."""
    if hasattr(rows, "keys"):
        if name not in rows.keys():  # noqa: SIM118
            raise ValueError(f"column {name!r} is missing")
        return rows[name]
    for place, row in enumerate(rows, 1):
        if name not in row:
            raise ValueError(f"column {name!r}, row {place:,}: the column is missing")
    return [row[name] for row in rows]


def block(rows: Any, entry: dict[str, Any], decimal: str = ".") -> Any:
    """Many numbers under one name (m, size); in a CSV file they are the columns name[0], name[1], ..."""
    name, size = entry["name"], int(np.prod(entry["shape"]))
    if hasattr(rows, "keys"):
        return np.asarray(column(rows, name), dtype=np.float64).reshape(-1, size)
    if all(name in row for row in rows):
        found = np.array([np.asarray(row[name], dtype=np.float64).ravel() for row in rows])
        return found.reshape(len(rows), size)
    parts = [{"name": f"{name}[{place}]", "kind": "numeric"} for place in range(size)]
    columns = [(part, column(rows, part["name"])) for part in parts]
    return np.array([[number(v, part, row, decimal) for row, v in enumerate(values, 1)] for part, values in columns]).T


def word(value: Any) -> str:
    """A value as a word: "" for a missing one; 3.0 and 3 are the same word. NA, None and null may be words."""
    if isinstance(value, str):
        value = value.strip()
        return "" if value in MISSING - PERHAPS_MISSING else value
    if value is None or value != value or str(value) in MISSING:
        return ""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)


def known(text: str, categories: Any, decimal: str) -> str:
    """A word as the model knows it: looked up as it is written, then as the number that it may be."""
    if text in PERHAPS_MISSING and text not in categories:
        return ""
    if not text or text in categories or not is_numeral(text, decimal) or re.fullmatch(r"0\d+", text):
        return text
    plain = word(value_of(text, decimal))
    return plain if plain in categories else text


def number(value: Any, entry: dict[str, Any], row: int, decimal: str = ".") -> float:
    """A value as a number: a boolean as 0 or 1, a date as days since 1970-01-01, a missing one as nan."""
    text = word(value)
    where = f"column {entry['name']!r}, row {row:,}"
    if not text or text in PERHAPS_MISSING:
        return float("nan")
    if entry["kind"] == "boolean":
        lower = text.lower().replace(decimal, ".")
        if text == entry["words"][1] or (text != entry["words"][0] and lower in TRUE_WORDS):
            return 1.0
        if text == entry["words"][0] or lower in FALSE_WORDS:
            return 0.0
        raise ValueError(f"{where}: {text!r} is not {entry['words'][0]} or {entry['words'][1]}")
    if entry["kind"] == "date":
        try:
            moment = np.array([value if isinstance(value, np.datetime64) else text], dtype="datetime64[us]")
        except ValueError:
            raise ValueError(f"{where}: {text!r} is not a date") from None
        return float(moment.astype(np.int64)[0]) / 86_400e6
    try:
        found = value_of(text, decimal)
    except ValueError:
        raise ValueError(f"{where}: {text!r} is not a finite number") from None
    return found if np.isfinite(found) else float("nan")


def check() -> float:
    """Predict the test vectors from their raw rows; the largest difference to what the library predicted."""
    vectors = MODEL["test_vectors"]
    if not vectors or not vectors["raw"]:
        return 0.0
    found = outputs(MODEL["network"], PARAMETERS, prepare(vectors["raw"]))
    return float(np.abs(found.T - np.array(vectors["outputs"])).max())


def needed() -> list[str]:
    """The names of the columns in a table; a block has one for each of its numbers, the first of which will do."""
    return [entry["name"] + "[0]" * (entry["kind"] == "block") for entry in MODEL["preparation"]["entries"]]


class Lines:
    """Lines for the standard output. Only as they end here does Python 3.11 quote a carriage return in a cell."""

    def write(self, line: str) -> None:
        """Print a line that ends with a carriage return and a line feed with the latter alone."""
        sys.stdout.write(line[:-2] + "\n")


def complain(sentence: str) -> int:
    """Say it on the standard error; gives the exit code."""
    sys.stderr.write(sentence + "\n")
    return 2


def main(arguments: list[str]) -> int:
    """A table prints predictions as CSV; `--check` prints the largest difference on the test vectors."""
    parser = argparse.ArgumentParser(description="Predictions for the rows of a text table, as CSV.")
    parser.add_argument("file", nargs="?", help="a table with a line of names at its top")
    parser.add_argument("--separator", help="what stands between two cells; found out if not given")
    parser.add_argument("--encoding", help="such as utf-8, cp1252 or utf-16; found out if not given")
    parser.add_argument("--decimal", choices=[".", ","], help="the decimal mark; found out if not given")
    parser.add_argument("--skip", type=int, help="lines above the header; found out if not given")
    parser.add_argument("--comment", help="what comment lines begin with, such as #; found out if not given")
    parser.add_argument("--missing", help="words that mean a missing value, with commas between")
    parser.add_argument("--check", action="store_true", help="run the test vectors instead")
    given = parser.parse_args(arguments)
    if given.check:
        sys.stdout.write(json.dumps({"largest_difference": check()}) + "\n")
        return 0
    if given.file is None:
        parser.error("the name of a file is needed, or --check")
    said = {name: value for name, value in vars(given).items() if name not in ("file", "check") and value is not None}
    remarks: list[str] = []
    notes: list[str] = []
    try:
        rows, decimal = read(given.file, needed(), said, MODEL.get("reading") or {}, notes)
        found = predict(rows, remarks, decimal) if rows else {}
    except OSError as error:
        return complain(f"{given.file} can't be read: {(error.strerror or str(error)).lower()}")
    except (ValueError, csv.Error) as error:
        return complain(f"{given.file}, {error}")
    sys.stderr.writelines(remark + "\n" for remark in remarks + notes)
    writer = csv.writer(Lines())
    if MODEL["network"]["task"] == "regression":
        writer.writerow(["prediction"])
        writer.writerows([repr(float(value))] for value in found.get("prediction", []))
    else:
        writer.writerow(["label", *(f"probability {name}" for name in MODEL["classes"])])
        for label, shares in zip(found.get("label", []), found.get("probabilities", [])):  # noqa: B905
            writer.writerow([label, *(repr(float(share)) for share in shares)])
    return 0


if __name__ == "__main__":
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 141
    sys.exit(code)
