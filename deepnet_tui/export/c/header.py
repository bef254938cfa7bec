"""C99 in one header: no allocation, no library but libm. Words are passed as strings, everything else as double."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.plane.transforms import TRANSFORMS
from deepnet_tui.data.preparation.entries import Block, Categorical, Entry, Numeric, input_count, is_rich
from deepnet_tui.data.preparation.numbers import to_numbers
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.data.targets.scale import TargetScale
from deepnet_tui.data.values.words import MISSING
from deepnet_tui.export.c.forward import forward
from deepnet_tui.export.c.numbers import double, write_numbers
from deepnet_tui.export.c.parts import (
    BINARY,
    HELPERS,
    PREDICT_ABOVE,
    PREDICT_CLASS,
    PREDICT_NUMBER,
    PREDICT_NUMBERS,
    RICH_HELPERS,
    TEST,
    TOP,
)
from deepnet_tui.export.dates import as_days
from deepnet_tui.export.format import Format, Verification, agreed, broken
from deepnet_tui.model import HALF, Model

SECONDS = 120
LARGEST = 2_000_000  # parameters: more make a text that compilers give up on


def check_size(size: int) -> None:
    """Raise InputError for more parameters than a header can hold."""
    if size > LARGEST:
        raise InputError(f"C headers hold at most {LARGEST:,} parameters, not {size:,}; use .onnx", "format")


def save(model: Model, path: Path) -> None:
    """Write the header. Raises InputError for a network too large and for words that C can't hold."""
    check_size(model.network.size)
    with path.open("w", encoding="ascii") as file:
        file.write(TOP % {"key": _key(model)})
        definitions(file, model)
        if model.test_vectors and model.test_vectors.raw:
            _tests(file, model)
            file.write(TEST.replace("deepnet_target;", "deepnet_targets;") if model.further_targets else TEST)
        file.write("\n#endif\n")


def definitions(file: TextIO, model: Model) -> None:
    """Write all that the network is, up to `deepnet_predict`."""
    network, entries = model.network, model.preparation.entries
    fields = field_names(entries)
    file.write(f"#define DEEPNET_INPUTS {network.inputs}\n#define DEEPNET_OUTPUTS {network.outputs}\n")
    file.write(f"static const char *const deepnet_library = {text('deepnet-tui ' + model.version)};\n")
    if model.further_targets:
        strings(file, "deepnet_targets", "DEEPNET_TARGETS", model.targets)
    else:
        file.write(f"static const char *const deepnet_target = {text(model.target)};\n")
    strings(file, "deepnet_columns", "DEEPNET_COLUMNS", (entry.name for entry in entries))
    strings(file, "deepnet_kinds", "DEEPNET_KINDS", (entry.kind for entry in entries))
    strings(file, "deepnet_missing", "DEEPNET_MISSING", sorted(MISSING))
    if model.classes:
        strings(file, "deepnet_labels", "DEEPNET_CLASSES", model.classes)
    file.write("\ntypedef struct {\n")
    file.writelines(f"    {_type(entry)}{name};\n" for entry, name in zip(entries, fields, strict=True))
    file.write("} deepnet_row;\n\n" + HELPERS)
    if any(map(is_rich, entries)):
        file.write(RICH_HELPERS)
    _preparation(file, model.preparation, fields)
    forward(file, model)
    if model.further_targets:
        file.write(PREDICT_NUMBERS % "".join(map(_block, range(len(model.scalings)), model.scalings)))
    elif network.labels == "numbers":
        file.write(PREDICT_NUMBER % _value(model.scaling))
    elif model.threshold != HALF:
        file.write(PREDICT_ABOVE % double(model.threshold))
    else:
        file.write(PREDICT_CLASS % (BINARY if network.labels == "binary" else "deepnet_outputs(row, p);"))


def _key(model: Model) -> str:
    """What tells one network from another in the names of macros."""
    said = (model.preparation, model.classes, *model.targets, *([] if model.threshold == HALF else [model.threshold]))
    whole = zlib.crc32(repr(said).encode("utf-8", "replace"))
    for value in model.parameters.values():
        whole = zlib.crc32(value.tobytes(), whole)
    return f"{whole:08X}"


def text(value: str) -> str:
    """A C string literal in ASCII: whatever is not a letter, a digit or harmless is an octal escape."""
    if "\0" in value:
        raise InputError(f"{value!r} holds a NUL character, which a C string can't", "format")
    try:
        raw = value.encode("utf-8")
    except UnicodeEncodeError:
        raise InputError(f"{value!r} can't be written in UTF-8", "format") from None
    safe = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-=.,:;+()[]<>"
    return '"' + "".join(chr(byte) if byte in safe else f"\\{byte:03o}" for byte in raw) + '"'


def field_names(entries: Iterable[Entry]) -> list[str]:
    """One C identifier a column, `x_` and what letters the name has, each used once."""
    names: list[str] = []
    for number, entry in enumerate(entries):
        name = "x_" + re.sub(r"[^A-Za-z0-9]+", "_", entry.name)[:40].strip("_")
        names.append(name if name != "x_" and name not in names else f"x_{number}_")
    return names


def _type(entry: Entry) -> str:
    if isinstance(entry, Categorical):
        return "const char *"
    return "const double *" if isinstance(entry, Block) else "double "


def strings(file: TextIO, name: str, count: str, words: Iterable[str]) -> None:
    """Write the constant list `name` of words, and its length as the macro `count`."""
    literals = [text(word) for word in words]
    file.write(f"#define {count} {len(literals)}\nstatic const char *const {name}[] = {{\n")
    file.writelines(f"    {literal},\n" for literal in literals or ["0"])
    file.write("};\n")


def _preparation(file: TextIO, preparation: Preparation, fields: list[str]) -> None:
    entries = preparation.entries
    for number, entry in enumerate(entries):
        if isinstance(entry, Categorical):
            strings(file, f"deepnet_words_{number}", f"DEEPNET_WORDS_{number}", entry.known)
        for name in ("edges", "periods", "statistics"):
            if values := getattr(entry, name, ()):
                write_numbers(file, f"deepnet_{name}_{number}", np.array(values))
    file.write("\n/* From a row to the inputs: missing values filled, words one-hot, numbers standardised. */\n")
    file.write("static inline void deepnet_prepare(const deepnet_row *row, double *x)\n{\n")
    if any(isinstance(entry, Block) for entry in entries):
        file.write("    int i;\n")
    at = 0
    for number, (entry, name) in enumerate(zip(entries, fields, strict=True)):
        if isinstance(entry, Categorical):
            words = f"deepnet_words_{number}, DEEPNET_WORDS_{number}"
            if is_rich(entry):
                table = f"{_table(entry, 'statistics', number)}, {entry.width}"
                words += f", {len(entry.categories)}, {int(entry.other)}, {table}"
                file.write(f"    deepnet_word(row->{name}, {words}, x + {at});\n")
            else:
                file.write(f"    deepnet_one_hot(row->{name}, {words}, x + {at});\n")
            at += input_count(entry)
            continue
        mean, scale = double(entry.mean), double(entry.scale)
        if isinstance(entry, Numeric) and is_rich(entry):
            edges, periods = (_table(entry, part, number) for part in ("edges", "periods"))
            scaling = f"{double(entry.fill)}, {mean}, {scale}, {double(entry.clip)}"
            parts = f"{edges}, {entry.bins}, {periods}, {len(entry.periods)}, {int(entry.missing)}"
            file.write(f"    deepnet_number(row->{name}, {scaling}, {parts}, x + {at});\n")
            at += input_count(entry)
            continue
        size = entry.size if isinstance(entry, Block) else 1
        if isinstance(entry, Block):
            value = f"(row->{name}[i] - ({mean})) / ({scale})"
            file.write(f"    for (i = 0; i < {size}; ++i) x[{at} + i] = {value};\n")
        else:
            filled = f"(isnan(row->{name}) ? ({double(entry.fill)}) : row->{name})"
            file.write(f"    x[{at}] = ({filled} - ({mean})) / ({scale});\n")
        at += size
    filled_names = {
        entry.name: f"(isnan(row->{name}) ? ({double(entry.fill)}) : row->{name})"
        for entry, name in zip(entries, fields, strict=True)
        if isinstance(entry, Numeric)
    }
    for transform in preparation.transforms:
        formula = TRANSFORMS[transform.kind].c.format(*(filled_names[name] for name in transform.columns))
        file.write(f"    x[{at}] = {formula};\n")
        at += 1
    file.write("}\n\n")


def _table(entry: Entry, name: str, number: int) -> str:
    return f"deepnet_{name}_{number}" if getattr(entry, name) else "NULL"


def _value(scaling: TargetScale) -> str:
    """The lines from the output `value` to a value in the unit of the target."""
    lines = [f"value = value * ({double(scaling.scale)}) + ({double(scaling.mean)});"]
    if scaling.log:
        lines.append(f"value = exp(value) - ({double(scaling.shift)});")
    if scaling.low is not None:
        lines.append(f"if (value < {double(scaling.low)}) value = {double(scaling.low)};")
    if scaling.high is not None:
        lines.append(f"if (value > {double(scaling.high)}) value = {double(scaling.high)};")
    return "\n    ".join(lines)


def _block(place: int, scaling: TargetScale) -> str:
    """The lines for the output in `place` of several."""
    return f"    value = values[{place}];\n    {_value(scaling)}\n    values[{place}] = value;\n"


def _tests(file: TextIO, model: Model) -> None:
    assert model.test_vectors is not None  # noqa: S101
    entries, rows = model.preparation.entries, model.test_vectors.raw
    file.write(f"\n#ifdef DEEPNET_TEST\n#define DEEPNET_TESTS {len(rows)}\n")
    lines = []
    columns = model.as_columns(rows)
    numbers = {
        entry.name: to_numbers(columns[entry.name], entry)
        for entry in entries
        if not isinstance(entry, Block | Categorical)
    }
    for number, row in enumerate(rows):
        cells = []
        for place, entry in enumerate(entries):
            if isinstance(entry, Block):
                cells.append(f"deepnet_test_{number}_{place}")
                write_numbers(file, cells[-1], columns[entry.name][number])
            elif isinstance(entry, Categorical):
                cells.append("NULL" if row[entry.name] is None else text(str(row[entry.name])))
            else:
                cells.append(double(numbers[entry.name][number]))
        lines.append("    {" + ", ".join(cells) + "},\n")
    file.write("static const deepnet_row deepnet_test_rows[DEEPNET_TESTS] = {\n" + "".join(lines) + "};\n")
    file.write("static const double deepnet_test_outputs[DEEPNET_TESTS][DEEPNET_OUTPUTS] = {\n")
    file.writelines(
        "    {" + ", ".join(double(value) for value in output) + "},\n" for output in model.test_vectors.outputs.T
    )
    file.write("};\n#endif\n")


def verify(model: Model, path: Path) -> Verification:
    """Compile the header with its test vectors and run it, where there is a C compiler."""
    if model.test_vectors is None or not model.test_vectors.raw:
        return Verification(False, None, "the model has no test vectors")
    compiler = shutil.which("gcc") or shutil.which("clang") or shutil.which("cc")
    if compiler is None:
        return Verification(False, None, "there is no C compiler (gcc, clang or cc)")
    with tempfile.TemporaryDirectory(prefix="deepnet-tui-") as folder:
        program = str(Path(folder) / "check")
        build = [compiler, "-std=c99", "-DDEEPNET_TEST", "-x", "c", str(path), "-o", program, "-lm"]
        try:
            built = subprocess.run(build, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
            if built.returncode:
                said = built.stderr.decode("utf-8", "replace")
                wrong = next((line for line in said.splitlines() if "error" in line), "no message")
                raise broken(path, f"it does not compile: {wrong}")
            ran = subprocess.run([program], capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
        except subprocess.TimeoutExpired:
            return Verification(False, None, f"compiling and running took more than {SECONDS} seconds")
        except OSError as error:
            return Verification(False, None, f"it could not be compiled and run here ({error.strerror})")
    if ran.returncode:
        raise broken(path, f"its test ends with status {ran.returncode}")
    difference = float(ran.stdout)
    agreed(difference, model.test_vectors.outputs)
    return Verification(True, difference, f"compiled and run with {Path(compiler).name}")


C = Format("c", ".h", "C99, one header without allocation", False, save, verify, check_size=check_size, note=as_days)
