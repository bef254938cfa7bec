"""Writes docs/licences.md: what deepnet-tui needs to run, extras included, and under which licence each of it is.

Everything is read from what is installed. Ends with 1 where a licence is unknown or asks more than to be named.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

EXTRAS = ("fast", "files", "mlflow", "onnx", "search", "serve", "tensorboard")
PERMISSIVE = (
    "MIT", "MIT-0", "BSD", "Apache", "ISC", "PSF", "Python Software Foundation", "Unlicense", "0BSD", "Zlib", "HPND",
    "MIT-CMU", "CC0", "BSL", "Boost",
)  # fmt: skip
WEAK = ("MPL-2.0", "Mozilla Public License 2.0")  # files of theirs that are changed stay free; ours need not
KNOWN = {  # what the metadata do not say, read in the package
    "h5py": "BSD-3-Clause",
    "sqlalchemy": "MIT",
}
EXCEPTIONS = re.compile(r" WITH [\w.-]+")  # such as the LLVM exception, which permits more


def needed() -> dict[str, Distribution]:
    """Everything that is installed for deepnet-tui with its extras, by name in small letters."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    waiting = list(_named([*project["dependencies"], *(line for extra in EXTRAS for line in optional[extra])], ()))
    found: dict[str, Distribution] = {}
    while waiting:
        each, extras = waiting.pop()
        key = re.sub(r"[-_.]+", "-", each).lower()
        if key in found:
            continue
        try:
            found[key] = distribution(each)
        except PackageNotFoundError:
            continue  # for another platform or Python
        waiting += _named(found[key].requires or (), extras)
    return dict(sorted(found.items()))


def _named(requirements: Iterable[str], extras: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The packages in lines such as `dask[array]>=2024; extra == "x"`, each with its own extras."""
    for line in requirements:
        text, _, marker = line.partition(";")
        extra = re.search(r"extra\s*==\s*['\"]([\w.-]+)['\"]", marker)
        match = re.match(r"\s*([\w.-]+)\s*(?:\[([^\]]*)\])?", text)
        if match and (extra is None or extra[1] in extras):
            yield match[1], tuple(part.strip() for part in (match[2] or "").split(",") if part.strip())


def licence_of(name: str, package: Distribution) -> str:
    """The licence as an expression or a name in one line; "" where nothing says it."""
    facts = package.metadata
    if expression := facts.get("License-Expression"):
        return str(expression)
    lines = [str(line) for line in facts.get_all("Classifier") or ()]
    classes = [line.rpartition(" :: ")[2] for line in lines if line.startswith("License")]
    classes = [line for line in classes if line != "OSI Approved"]
    said = str(facts.get("License") or "").strip()
    short = said if said and len(said) < 60 and "\n" not in said else ""
    return " / ".join(dict.fromkeys(classes)) or short or KNOWN.get(name, "") or _first_words(said)


def _first_words(text: str) -> str:
    """The name of a licence whose whole text stands in the metadata."""
    head = " ".join(text.split())[:400]
    for words, name in (("Apache License", "Apache-2.0"), ("MIT License", "MIT"), ("Redistribution and use in", "BSD")):
        if words in head:
            return name
    return ""


def is_permissive(licence: str) -> bool:
    """Whether each licence that must be kept is permissive or MPL 2.0; of several to choose from one is enough."""
    choices = re.split(r" OR ", EXCEPTIONS.sub("", licence).strip("()"))
    return any(all(_is_known(part) for part in re.split(r" AND | / |, ", choice)) for choice in choices)


def _is_known(part: str) -> bool:
    word = part.strip("() ")
    return bool(word) and any(word.startswith(name) or f" {name}" in f" {word}" for name in (*PERMISSIVE, *WEAK))


def page() -> tuple[str, list[str]]:
    """The page, and the packages whose licence is unknown or asks more than to be named."""
    rows, wrong = [], []
    for name, package in needed().items():
        licence = licence_of(name, package)
        rows.append(f"| {package.metadata['Name']} | {licence or 'unknown'} |")
        if not is_permissive(licence):
            wrong.append(f"{name}: {licence or 'unknown'}")
    head = (
        "# Licences\n\ndeepnet-tui is under the MIT licence. This is what it needs, with all extras, and what those "
        "need in turn. None of it\nis part of its own packages. The page is made by `make docs` from what is "
        "installed; a test fails where a licence is\nunknown or asks more than to be named.\n\n"
        "| package | licence |\n|---|---|\n"
    )
    return head + "\n".join(rows) + "\n", wrong


if __name__ == "__main__":
    text, unknown = page()
    sys.stdout.write(text)
    sys.exit("\n".join(["licences to be looked at:", *unknown]) if unknown else 0)
