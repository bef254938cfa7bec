"""Every reader of files that come from elsewhere: good files of it, how they are damaged, and how they are read.

To fuzz another reader, add an entry to READERS.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from deepnet_tui.common.errors import InputError
from tests.fuzz import model_files, table_files
from tests.fuzz import store_files as stored
from tests.fuzz.mutations import damaged, in_place, other_json, other_member
from tests.fuzz.settings_files import (
    configurations,
    experiments,
    lessons,
    other_toml,
    read_configuration,
    read_experiment,
    read_lesson,
)

Structure = Callable[[bytes, Sequence[bytes], Random], bytes]


@dataclass(frozen=True)
class Reader:
    """`make` gives good files; `check` reads one, and raises one of `errors` where it can't be used.

    `structure` damages a file in a way that its format does not show: numbers in valid JSON, members of a valid zip.
    `beside` gives files that belong to it, `file` is its name where that is fixed. `slow` says that reading takes a
    tenth of a second.
    """

    suffix: str
    make: Callable[[], list[bytes]]
    check: Callable[[Path], object]
    structure: Structure | None = None
    file: str = ""
    beside: Callable[[Path], object] | None = None
    errors: tuple[type[Exception], ...] = (InputError,)
    slow: bool = False

    def good(self) -> list[bytes]:
        """Files that are whole."""
        return _made(self.make)

    def written(self, folder: Path, content: bytes) -> Path:
        """The content as a file in `folder`, with what belongs to it."""
        path = folder / (self.file or f"damaged{self.suffix}")
        if self.beside is not None:
            self.beside(folder)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def damaged(self, good: Sequence[bytes], seed: str) -> bytes:
        """A damaged file: the same for the same seed."""
        random = Random(seed)  # noqa: S311  nothing secret
        content = random.choice(good)
        if self.structure is not None and random.random() < 0.6:
            return self.structure(content, good, random)
        return damaged(content, good, random)


@cache
def _made(make: Callable[[], list[bytes]]) -> list[bytes]:
    return make()


def _json(content: bytes, _: Sequence[bytes], random: Random) -> bytes:
    return other_json(content, random)


def _safetensors(content: bytes, _: Sequence[bytes], random: Random) -> bytes:
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    if "__metadata__" in header and random.random() < 0.6:
        for name, value in header["__metadata__"].items():
            if value.startswith("{"):
                header["__metadata__"][name] = other_json(value.encode(), random).decode("utf-8", "replace")
        text = json.dumps(header).encode()
    else:
        text = other_json(content[8 : 8 + length], random)
    return struct.pack("<Q", len(text)) + text + content[8 + length :]


READERS: dict[str, Reader] = {
    "csv": Reader(".csv", table_files.csv, table_files.load_table),
    "txt": Reader(".txt", table_files.txt, table_files.load_table),
    "parquet": Reader(".parquet", table_files.parquet, table_files.load_table, in_place),
    "xlsx": Reader(".xlsx", table_files.xlsx, table_files.load_table, other_member),
    "npz": Reader(".npz", table_files.npz, table_files.load_table, other_member),
    "npy": Reader(".npy", table_files.npy, table_files.load_table, in_place),
    "hdf5": Reader(".h5", table_files.hdf5, table_files.load_table, in_place),
    "rows-to-predict": Reader(".csv", table_files.rows, model_files.predict),
    "served-rows": Reader(".json", model_files.bodies, model_files.serve, _json, errors=model_files.SERVE_ERRORS),
    "model-json": Reader(".json", model_files.json_models, model_files.load_model, _json),
    "model-npz": Reader(".npz", model_files.npz_models, model_files.load_model, model_files.other_npz),
    "model-safetensors": Reader(".safetensors", model_files.safetensors, model_files.load_model, _safetensors),
    "model-onnx": Reader(".onnx", model_files.onnx, model_files.load_model, model_files.other_onnx),
    "foreign-onnx": Reader(".onnx", model_files.foreign_onnx, model_files.load_foreign, model_files.other_onnx),
    "foreign-safetensors": Reader(".safetensors", model_files.state_dicts, model_files.load_foreign, _safetensors),
    "experiment": Reader(".toml", experiments, read_experiment, other_toml),
    "configuration": Reader(".toml", configurations, read_configuration, other_toml),
    "lesson": Reader(".toml", lessons, read_lesson, other_toml),
    "state": Reader(".npz", stored.states, stored.read_state, stored.other_state),
    "run": Reader("", stored.abouts, stored.use_store, _json, stored.ABOUT, stored.store, slow=True),
    "labels": Reader("", stored.labels, stored.use_store, _json, stored.LABELS, stored.store, slow=True),
    "costs": Reader("", stored.costs, stored.use_costs, stored.other_lines, stored.COSTS, stored.store),
    "index": Reader("", stored.indices, stored.use_index, None, stored.INDEX, stored.old_store),
    "search": Reader("", stored.searches, stored.use_search, _json, stored.SEARCH, stored.search, slow=True),
    "search-journal": Reader(
        "", stored.journals, stored.use_search, stored.other_lines, stored.JOURNAL, stored.search, slow=True
    ),
}
