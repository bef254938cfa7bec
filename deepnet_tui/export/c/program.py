"""C99 as a whole program: the network of the header, and a `main` that reads a table and writes predictions."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

import numpy as np

from deepnet_tui.data.preparation.entries import Block, Categorical, Entry
from deepnet_tui.data.values.words import MISSING, SURELY_MISSING
from deepnet_tui.export.c.header import SECONDS, check_size, definitions, field_names, strings, text
from deepnet_tui.export.c.program_parts import (
    BOOLEANS,
    CLASS,
    CLASS_LOCALS,
    DATES,
    MAIN,
    NUMBER,
    NUMBERS,
    NUMBERS_LOCALS,
    READER,
    TOP,
    WORDS,
)
from deepnet_tui.export.format import Format, Verification, agreed, broken, largest_difference
from deepnet_tui.model import Model


def save(model: Model, path: Path) -> None:
    """Write the program. Raises InputError for a network too large and for words that C can't hold."""
    check_size(model.network.size)
    with path.open("w", encoding="ascii") as file:
        file.write(TOP)
        definitions(file, model)
        _table(file, model)


def _table(file: TextIO, model: Model) -> None:
    """Write all that reads and writes tables."""
    entries = model.preparation.entries
    said = {word.strip() for word in model.reading.get("missing", "").split(",")} - {""}
    columns = [column for entry in entries for column in _columns(entry)]
    strings(file, "csv_columns", "CSV_COLUMNS", (column.strip() for column in columns))
    strings(file, "csv_missing", "CSV_MISSING", sorted(MISSING | said))
    if any(isinstance(entry, Categorical) for entry in entries):
        strings(file, "csv_missing_words", "CSV_MISSING_WORDS", sorted(SURELY_MISSING | said))
    if model.classes:
        strings(file, "csv_labels", "CSV_LABELS", (_line([name]) for name in model.classes))
    file.write(f"static const char *const csv_answer = {text(_line(_header(model)))};\n")
    decimal = "','" if model.reading.get("decimal") == "," else "'.'"
    file.write(f"#define CSV_DECIMAL {decimal}\n" + READER)
    kinds = {entry.kind for entry in entries}
    file.write(BOOLEANS * ("boolean" in kinds) + DATES * ("date" in kinds) + WORDS * ("categorical" in kinds))
    unused = ["deepnet_columns", "deepnet_kinds"]
    unused += ["deepnet_targets"] if model.further_targets else ["deepnet_target"]
    unused += ["deepnet_labels"] if model.classes else []
    unused += [] if "categorical" in kinds else ["deepnet_missing"]
    unused += [f"deepnet_words_{place}" for place, entry in enumerate(entries) if isinstance(entry, Categorical)]
    answer, own = (CLASS, CLASS_LOCALS) if model.classes else (NUMBER, "")
    answer, own = (NUMBERS, NUMBERS_LOCALS) if model.further_targets else (answer, own)
    parts = {
        "unused": "".join(f"    (void){name};\n" for name in unused),
        "locals": _blocks(entries) + own,
        "fill": "".join(_fill(entries)),
        "answer": answer,
    }
    file.write(MAIN % parts)


def _columns(entry: Entry) -> Sequence[str]:
    """The columns of a text table that hold an entry: a block has one for each of its numbers."""
    return entry.inputs if isinstance(entry, Block) else (entry.name,)


def _line(cells: Iterable[str]) -> str:
    """Cells as a line of CSV, without its end. Python 3.11 quotes line breaks only where they end a line."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(list(cells))
    return line.getvalue().removesuffix("\r\n")


def _header(model: Model) -> list[str]:
    if model.classes:
        return ["label", *(f"probability {name}" for name in model.classes)]
    return [f"prediction {name}" for name in model.targets] if model.further_targets else ["prediction"]


def _blocks(entries: Sequence[Entry]) -> str:
    blocks = [(place, entry) for place, entry in enumerate(entries) if isinstance(entry, Block)]
    lines = [f"        static double block_{place}[{entry.size}];\n" for place, entry in blocks]
    return "".join(lines) + ("        int k;\n" if blocks else "")


def _fill(entries: Sequence[Entry]) -> Iterable[str]:
    """The lines that fill the row from its cells."""
    at = 0
    for place, (entry, name) in enumerate(zip(entries, field_names(entries), strict=True)):
        cell, column = f"csv_trimmed(csv_text + csv_starts[places[{at}]])", f"csv_columns[{at}]"
        if isinstance(entry, Block):
            where = f"{at} + k"
            yield f"        for (k = 0; k < {entry.size}; ++k) {{\n"
            yield f"            char *cell = csv_trimmed(csv_text + csv_starts[places[{where}]]);\n"
            yield f"            block_{place}[k] = csv_number(cell, csv_columns[{where}]);\n"
            yield f"            if (isnan(block_{place}[k])) "
            yield f'csv_fail("a number is missing", csv_columns[{where}], NULL);\n        }}\n'
            yield f"        row.{name} = block_{place};\n"
        elif isinstance(entry, Categorical):
            yield f"        row.{name} = csv_word({cell}, deepnet_words_{place}, DEEPNET_WORDS_{place});\n"
        elif entry.kind == "boolean":
            no, yes = map(text, entry.words)
            yield f"        row.{name} = csv_boolean({cell}, {no}, {yes}, {column});\n"
        elif entry.kind == "date":
            yield f"        row.{name} = csv_date({cell}, '{entry.order[0]}', {column});\n"
        else:
            yield f"        row.{name} = csv_number({cell}, {column});\n"
        at += len(_columns(entry))


def verify(model: Model, path: Path) -> Verification:
    """Compile the program and let it predict a table of the test vectors, where there is a C compiler."""
    if model.test_vectors is None or not model.test_vectors.raw:
        return Verification(False, None, "the model has no test vectors")
    compiler = shutil.which("gcc") or shutil.which("clang") or shutil.which("cc")
    if compiler is None:
        return Verification(False, None, "there is no C compiler (gcc, clang or cc)")
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow([column for entry in model.preparation.entries for column in _columns(entry)])
    for row in model.test_vectors.raw:
        writer.writerow([cell for entry in model.preparation.entries for cell in _cells(model, entry, row[entry.name])])
    with tempfile.TemporaryDirectory(prefix="deepnet-tui-") as folder:
        program = str(Path(folder) / "predict")
        build = [compiler, "-std=c99", "-x", "c", str(path), "-o", program, "-lm"]
        try:
            built = subprocess.run(build, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
            if built.returncode:
                said = built.stderr.decode("utf-8", "replace")
                wrong = next((line for line in said.splitlines() if "error" in line), "no message")
                raise broken(path, f"it does not compile: {wrong}")
            given = table.getvalue().encode("utf-8")
            ran = subprocess.run([program], input=given, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
        except subprocess.TimeoutExpired:
            return Verification(False, None, f"compiling and running took more than {SECONDS} seconds")
        except OSError as error:
            return Verification(False, None, f"it could not be compiled and run here ({error.strerror})")
    if ran.returncode:
        raise broken(path, f"it refuses its test: {ran.stderr.decode('utf-8', 'replace').strip()}")
    _, *lines = csv.reader(io.StringIO(ran.stdout.decode("utf-8")))
    skipped = 1 if model.classes else 0
    found = np.array([[float(cell) for cell in line[skipped:]] for line in lines])
    said_here = model.predict(model.test_vectors.raw)
    expected = said_here.values if said_here.probabilities is None else said_here.probabilities
    assert expected is not None  # noqa: S101
    expected = expected.reshape(len(lines), -1)
    difference = agreed(largest_difference(found, expected), expected)
    largest = float(np.abs(expected).max(initial=0.0))
    how = f"compiled with {Path(compiler).name} and run on a table"
    return Verification(True, difference, how, largest if model.network.labels == "numbers" else 1.0)


def _cells(model: Model, entry: Entry, value: object) -> Iterable[str]:
    if isinstance(entry, Block):
        decimal = model.reading.get("decimal", ".")
        return [repr(float(number)).replace(".", decimal) for number in np.ravel(value)]  # type: ignore[call-overload]
    if value is None:
        return [""]
    written = str(value)
    plain = isinstance(value, float) and entry.kind == "numeric"
    return [written.replace(".", ",") if plain and model.reading.get("decimal") == "," else written]


C_PROGRAM = Format("c-program", ".c", "C99, a program that reads CSV", False, save, verify, check_size=check_size)
