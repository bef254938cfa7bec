"""Files that lie: each ends in one sentence, in bounded memory, and nothing in them is run."""

from __future__ import annotations

import io
import json
import os
import pickle
import re
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deepnet_tui.common.errors import InputError
from deepnet_tui.export import FORMATS, export, load
from tests.deepnet_tui.export.models import make

COMPLETE = [suffix for suffix, entry in FORMATS.items() if entry.load]
MEMORY = 60_000_000


def refused(path: Path) -> str:
    """The one sentence that opening `path` ends in."""
    tracemalloc.start()
    try:
        with pytest.raises(InputError) as caught:
            load(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MEMORY
    sentence = str(caught.value)
    assert str(path) in sentence
    assert "\n" not in sentence
    assert len(sentence) < 600
    return sentence


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("whole")
    return {suffix: export(make(), folder / f"model{suffix}").path.read_bytes() for suffix in COMPLETE}


@pytest.mark.parametrize("suffix", COMPLETE)
def test_truncated_anywhere(tmp_path: Path, whole: dict[str, bytes], suffix: str) -> None:
    path = tmp_path / f"model{suffix}"
    content = whole[suffix]
    for share in (0.0, 0.01, 0.3, 0.6, 0.9, 0.999):
        path.write_bytes(content[: int(len(content) * share)])
        refused(path)


@pytest.mark.parametrize("suffix", COMPLETE)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300))
def test_noise(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"noise{suffix}"
    path.write_bytes(content)
    refused(path)


@pytest.mark.parametrize("suffix", COMPLETE)
def test_not_an_ordinary_file(tmp_path: Path, suffix: str) -> None:
    refused(tmp_path / f"absent{suffix}")
    (tmp_path / f"folder{suffix}").mkdir()
    refused(tmp_path / f"folder{suffix}")
    os.mkfifo(tmp_path / f"pipe{suffix}")
    refused(tmp_path / f"pipe{suffix}")


def test_a_format_that_is_not_complete(tmp_path: Path) -> None:
    receipt = export(make(), tmp_path / "model.csv")
    assert ".npz" in refused(receipt.path)


def rewrite(content: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    """The archive with every member changed; None leaves it out."""
    goal = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(goal, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            member = change(name, old.read(name))
            if member is not None:
                new.writestr(name, member)
    return goal.getvalue()


def npy(value: Any) -> bytes:
    goal = io.BytesIO()
    np.save(goal, value, allow_pickle=True)
    return goal.getvalue()


class Bomb:
    """A pickle that would leave a trace if it were opened."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (exec, ("import os; os.environ['DEEPNET_OWNED'] = '1'",))


@pytest.mark.parametrize(
    ("member", "says"),
    [
        (None, "missing"),
        (npy(np.array([Bomb()], dtype=object)), "pickle"),
        (pickle.dumps(Bomb()), "NumPy archive"),
        (npy(np.zeros((5, 17))), "shape"),
        (npy(np.zeros((5, 16), dtype=np.int64)), "int64"),
        (npy(np.zeros((5, 16), dtype=complex)), "unpacks to|complex"),
        (npy(np.full((5, 16), np.nan)), "not a finite number"),
        (npy(np.zeros((5, 16)))[:-9], "breaks off"),
        (npy(np.zeros(2_000_000)), "unpacks to"),
        (
            b"\x93NUMPY\x01\x00"
            + struct.pack("<H", 60)
            + b"{'descr': '<f8', 'fortran_order': False, 'shape': (-5, 16)}",
            "",
        ),
        (b"\x93NUMPY\x01\x00" + struct.pack("<H", 9000) + b"(" * 9000, ""),
        (b"\x93NUMPY\x03\x00" + bytes(100), ""),
    ],
    ids=lambda value: value if isinstance(value, str) else "array",
)
def test_archives_with_a_wrong_array(tmp_path: Path, whole: dict[str, bytes], member: bytes | None, says: str) -> None:
    path = tmp_path / "model.npz"
    path.write_bytes(rewrite(whole[".npz"], lambda name, old: member if name == "W1.npy" else old))
    assert re.search(says, refused(path))
    assert "DEEPNET_OWNED" not in os.environ


def test_a_zip_bomb(tmp_path: Path, whole: dict[str, bytes]) -> None:
    path = tmp_path / "bomb.npz"
    for goal in ("W1.npy", "model.npy"):

        def swap(name: str, old: bytes, goal: str = goal) -> bytes:
            return bytes(150_000_000) if name == goal else old

        path.write_bytes(rewrite(whole[".npz"], swap))
        assert path.stat().st_size < 400_000
        assert "unpacks to" in refused(path)


def test_a_network_too_large_for_its_file(tmp_path: Path, whole: dict[str, bytes]) -> None:
    document = json.loads(whole[".json"])
    document["network"]["hidden"] = [{"units": 100_000, "activation": "relu", "dropout": 0.0}] * 2
    (tmp_path / "model.json").write_text(json.dumps(document))
    refused(tmp_path / "model.json")
    text = npy(np.array(json.dumps(document)))
    path = tmp_path / "model.npz"
    path.write_bytes(rewrite(whole[".npz"], lambda name, old: text if name == "model.npy" else old))
    refused(path)


CHANGES: list[tuple[str, Callable[[dict[str, Any]], Any]]] = [
    ("not say", lambda d: d.update(kind="other")),
    ("update deepnet-tui", lambda d: d.update(format=99)),
    ("missing", lambda d: d.pop("network")),
    ("missing", lambda d: d.pop("preparation")),
    ("unknown", lambda d: d["network"].update(task="quantum")),
    ("unknown", lambda d: d["network"]["hidden"][0].update(activation="os.system")),
    ("units", lambda d: d["network"]["hidden"][0].update(units=-1)),
    ("", lambda d: d["network"].update(inputs=10**30)),
    ("", lambda d: d["network"].update(extra=1)),
    ("", lambda d: d.update(network=[])),
    ("labels", lambda d: d.update(classes=["one"])),
    ("text", lambda d: d.update(classes=[1, 2])),
    ("number", lambda d: d.update(target_mean="0")),
    ("finite", lambda d: d["preparation"]["entries"][0].update(fill=1e999)),
    ("zero", lambda d: d["preparation"]["entries"][0].update(scale=0)),
    ("inputs", lambda d: d["preparation"]["entries"].pop()),
    ("inputs", lambda d: d["preparation"]["entries"][-1].update(shape=[10**9, 10**9])),
    ("whole", lambda d: d["preparation"]["entries"][-1].update(shape=[-1, -6])),
    ("kind", lambda d: d["preparation"]["entries"][0].update(kind="code")),
    ("same name", lambda d: d["preparation"]["entries"][0].update(name="alone")),
    ("", lambda d: d["test_vectors"].update(prepared=[[1.0]])),
    ("", lambda d: d["test_vectors"].update(raw=3)),
    ("W1", lambda d: d["parameters"].pop("W1")),
    ("W1", lambda d: d["parameters"].update(W1=[[1.0], [1.0, 2.0]])),
    ("W1", lambda d: d["parameters"].update(W1=[["a"]])),
    ("shape", lambda d: d["parameters"].update(b1=[[0.0]])),
    ("float64", lambda d: d.update(dtype="object")),
    ("", lambda d: d.update(training={"optimizer": "rm -rf"})),
    ("", lambda d: d.update(metrics=5)),
    ("", lambda d: d.update(iterations=None)),
]


@pytest.mark.parametrize("place", range(len(CHANGES)))
def test_documents_that_do_not_hold_together(tmp_path: Path, whole: dict[str, bytes], place: int) -> None:
    says, change = CHANGES[place]
    document = json.loads(whole[".json"])
    change(document)
    path = tmp_path / "model.json"
    path.write_text(json.dumps(document))
    assert says in refused(path)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        '{"a":' * 100_000,
        "{" + '"kind": NaN}',
        '{"kind": Infinity}',
        "1" * 100_000,
        '"\\ud800"',
        "null",
        "[]",
        "",
        "\ufeff{}",
    ],
)
def test_odd_json(tmp_path: Path, text: str) -> None:
    path = tmp_path / "model.json"
    path.write_text(text, encoding="utf-8")
    refused(path)


def test_json_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in refused(tmp_path / "model.json")


def safetensors(header: dict[str, Any], body: bytes = b"") -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def test_safetensors_that_lie(tmp_path: Path, whole: dict[str, bytes]) -> None:
    path = tmp_path / "model.safetensors"
    for size in (2**63, 10**12, 99_000_000, 2**64 - 1):
        path.write_bytes(struct.pack("<Q", size) + b"{}")
        assert "claims" in refused(path)
    content = whole[".safetensors"]
    length = struct.unpack("<Q", content[:8])[0]
    header, body = json.loads(content[8 : 8 + length]), content[8 + length :]
    for change in (
        {"dtype": "I64"},
        {"shape": [1, 80]},
        {"shape": [2**40, 2**40]},
        {"data_offsets": [0, 10**15]},
        {"data_offsets": [16, 8]},
    ):
        path.write_bytes(safetensors({**header, "W1": {**header["W1"], **change}}, body))
        refused(path)
    path.write_bytes(safetensors({name: entry for name, entry in header.items() if name != "__metadata__"}, body))
    refused(path)
    path.write_bytes(safetensors(header, bytes([255]) * len(body)))
    assert "finite" in refused(path)


def test_onnx_that_lies(tmp_path: Path, whole: dict[str, bytes]) -> None:
    onnx = pytest.importorskip("onnx")
    path = tmp_path / "model.onnx"

    def write(change: Callable[[Any], None]) -> None:
        model = onnx.ModelProto.FromString(whole[".onnx"])
        change(model)
        path.write_bytes(model.SerializeToString())

    def outside(model: Any) -> None:
        W1 = next(item for item in model.graph.initializer if item.name == "W1")
        W1.ClearField("raw_data")
        W1.data_location = onnx.TensorProto.EXTERNAL
        W1.external_data.add(key="location", value="/etc/passwd")

    def huge(model: Any) -> None:
        W1 = next(item for item in model.graph.initializer if item.name == "W1")
        W1.dims[:] = [2**40, 2**20]

    write(outside)
    assert "inside the file" in refused(path)
    write(huge)
    assert "shape" in refused(path)
    write(lambda model: model.graph.ClearField("initializer"))
    assert "missing" in refused(path)
    write(lambda model: model.ClearField("metadata_props"))
    assert "its input 'sex' does not hold numbers" in refused(path)


@pytest.mark.parametrize("field", [b"\x0a", b"\x2a", b"\x62"])  # nodes, parameters, outputs
def test_an_onnx_file_of_empty_parts(field: bytes, tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    parts = (field + b"\0") * 1_000_000
    (tmp_path / "a.onnx").write_bytes(b"\x3a" + bytes([128 | 2_000_000 & 127, 128 | 2_000_000 >> 7 & 127, 122]) + parts)
    assert "far more parts than the graph of a network" in refused(tmp_path / "a.onnx")


def test_a_text_of_empty_lists(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[" + "[]," * 1_500_000 + "[]]")
    assert "more than 1,000,000 lists" in refused(tmp_path / "a.json")
