"""Small models in every format that holds a whole one, those of other programs, and rows to be predicted."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.serve.limits import RefusedError
from tests.fuzz.mutations import damaged, other_json, other_member

SERVE_ERRORS = (InputError, RefusedError)


def load_model(path: Path) -> object:
    """The model in a file, and what it predicts for its test vectors."""
    from deepnet_tui.export import load

    model = load(path)
    if model.test_vectors is not None and model.test_vectors.raw:
        return model.predict(list(model.test_vectors.raw))
    return model


def load_foreign(path: Path) -> object:
    """The model in a file of another program."""
    from deepnet_tui.export import load
    from deepnet_tui.export.foreign.description import Description

    try:
        return load(path)
    except InputError:
        return load(path, Description(activation=("relu",), output="sigmoid"))


def _models() -> list[Any]:
    from tests.deepnet_tui.export.models import make
    from tests.deepnet_tui.export.rich_models import RICH, RICH_ROWS

    return [make(), make("multiclass"), make("regression", hidden=()), make(preparation=RICH, rows=RICH_ROWS)]


def _exported(suffix: str) -> list[bytes]:
    from deepnet_tui.export import export

    with tempfile.TemporaryDirectory() as folder:
        return [
            export(model, Path(folder) / f"{number}{suffix}").path.read_bytes()
            for number, model in enumerate(_models())
        ]


def json_models() -> list[bytes]:
    """Models as JSON."""
    return _exported(".json")


def npz_models() -> list[bytes]:
    """Models as arrays in a zip file."""
    return _exported(".npz")


def safetensors() -> list[bytes]:
    """Models as safetensors."""
    return _exported(".safetensors")


def onnx() -> list[bytes]:
    """Models as ONNX, with all of the model in the metadata."""
    return _exported(".onnx")


def foreign_onnx() -> list[bytes]:
    """A perceptron and a convolution as other programs write them."""
    from tests.deepnet_tui.export.foreign.graphs import Builder

    random = np.random.default_rng(0)
    made = Builder(4)
    made.add("Gemm", made.constant(random.standard_normal((4, 3))), made.constant(np.zeros(3)))
    made.add("Relu")
    made.add("Gemm", made.constant(random.standard_normal((3, 1))), made.constant(np.zeros(1)), alpha=0.5)
    made.add("Sigmoid")
    other = Builder(4)
    other.add("MatMul", other.constant(random.standard_normal((4, 4))))
    other.add("Add", other.constant(np.ones(4)))
    other.add("Reshape", other.constant([-1, 4], "int64"))
    other.add("Tanh")
    other.add("MatMul", other.constant(random.standard_normal((4, 3))))
    other.add("Softmax", axis=1)
    return [builder.model().SerializeToString() for builder in (made, other)]


def state_dicts() -> list[bytes]:
    """The weights of two linear layers."""
    from safetensors.numpy import save

    random = np.random.default_rng(0)
    shapes = {"0.weight": (4, 3), "0.bias": (4,), "2.weight": (1, 4), "2.bias": (1,)}
    return [
        save({name: random.standard_normal(shape).astype(kind) for name, shape in shapes.items()})
        for kind in ("float32", "float16")
    ]


def other_npz(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """A model file whose text is other JSON, or a member of which is damaged."""
    if random.random() < 0.4:
        return other_member(content, others, random)
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    text = other_json(str(arrays["model"]).encode(), random).decode("utf-8", "replace")
    arrays["model"] = np.array(text.replace("\x00", ""))
    made = io.BytesIO()
    np.savez(made, **arrays)
    return made.getvalue()


def other_onnx(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """A model file whose metadata are other JSON, or a node of which is damaged."""
    from onnx import ModelProto

    model = ModelProto.FromString(content)
    if random.random() < 0.5 and model.metadata_props:
        entry = random.choice(model.metadata_props)
        if entry.value.startswith("{"):
            entry.value = other_json(entry.value.encode(), random).decode("utf-8", "replace")
        return bytes(model.SerializeToString())
    part = random.choice([*model.graph.node, *model.graph.initializer, *model.graph.input])
    with contextlib.suppress(Exception):  # what protobuf itself can't read is no file of it
        part.ParseFromString(damaged(part.SerializeToString(), others, random))
    return bytes(model.SerializeToString())


@cache
def _table_model() -> Any:
    """A model of the columns that the tables have."""
    from deepnet_tui.data.preparation.entries import Categorical, Numeric
    from deepnet_tui.data.preparation.preparation import Preparation
    from tests.deepnet_tui.export.models import make

    entries = (
        Numeric("number", fill=1.0),
        Categorical("word", ("red", "blue, dark")),
        Numeric("flag", kind="boolean", fill=0.5),
        Numeric("day", kind="date", fill=19000.0),
    )
    row = {"number": 1.0, "word": "red", "flag": "true", "day": "2024-02-27"}
    return make(preparation=Preparation(entries), rows=(row,))


@cache
def _model_path() -> Path:
    from deepnet_tui.export import export

    return export(_table_model(), Path(tempfile.mkdtemp(prefix="fuzz")) / "model.npz").path


def predict(path: Path) -> object:
    """Predict the rows of a table into a file."""
    from deepnet_tui.predict.file import predict_file

    return predict_file(_model_path(), path, path.with_name("out.csv"), overwrite=True, tell=lambda _: None)


def bodies() -> list[bytes]:
    """What a client of the service sends."""
    row = {"number": 1.5, "word": "red", "flag": True, "day": "2024-02-27"}
    columns = {name: [value, None, value] for name, value in row.items()}
    return [json.dumps(body).encode() for body in ([row, row], {"rows": [row]}, {"columns": columns})]


def serve(path: Path) -> object:
    """The answer of the service to the body in a file."""
    from deepnet_tui.predict.writers import json_answers
    from deepnet_tui.serve.rows import columns_of

    model = _table_model()
    prediction = model.predict(columns_of(model, path.read_bytes(), 1000))
    return json.dumps(list(json_answers(model, prediction)))
