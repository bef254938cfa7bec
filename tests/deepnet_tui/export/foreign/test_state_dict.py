"""state_dicts of PyTorch in safetensors files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from deepnet_tui.common.errors import InputError
from deepnet_tui.export import load
from deepnet_tui.export.foreign.description import Description

SAID = Description(activation=("relu",), output="sigmoid")


def write(folder: Path, shapes: dict[str, tuple[int, int]], dtype: str = "float32") -> tuple[Path, dict[str, Any]]:
    random = np.random.default_rng(0)
    tensors = {}
    for name, shape in shapes.items():
        tensors[f"{name}.weight"] = random.standard_normal(shape).astype(dtype)
        tensors[f"{name}.bias"] = random.standard_normal(shape[0]).astype(dtype)
    path = folder / "net.safetensors"
    save_file(tensors, path)
    return path, tensors


@pytest.mark.parametrize(
    "names", [("0", "2", "10"), ("fc1", "fc2", "fc10"), ("layers.0", "layers.2", "layers.4"), ("stem", "body", "head")]
)
def test_layers_follow_their_numbers_or_their_shapes(names: tuple[str, str, str], tmp_path: Path) -> None:
    path, tensors = write(tmp_path, dict(zip(names, [(5, 3), (4, 5), (1, 4)], strict=True)))
    X = A = np.random.default_rng(1).standard_normal((3, 8))
    for name in names:
        Z = tensors[f"{name}.weight"].astype(float) @ A + tensors[f"{name}.bias"].astype(float)[:, np.newaxis]
        A = np.maximum(Z, 0.0) if name != names[-1] else 1 / (1 + np.exp(-Z))
    np.testing.assert_allclose(load(path, SAID).outputs(X), A, rtol=1e-12)


def test_an_order_that_is_not_clear_must_be_said(tmp_path: Path) -> None:
    path, _ = write(tmp_path, {"b": (4, 4), "a": (4, 4)}, "float16")
    with pytest.raises(InputError, match=r"order of its layers a, b is not clear; say it with --layers") as caught:
        load(path, SAID)
    assert caught.value.field == "layers"
    both = [
        load(path, Description(("tanh",), "linear", layers=tuple(order))).outputs(np.eye(4)) for order in ("ab", "ba")
    ]
    assert not np.allclose(both[0], both[1])
    with pytest.raises(InputError, match="the layers are a, b"):
        load(path, Description(("tanh",), "linear", layers=("a", "c")))


def test_missing_activations_are_asked_for(tmp_path: Path) -> None:
    path, _ = write(tmp_path, {"fc1": (4, 3), "fc2": (1, 4)})
    with pytest.raises(InputError, match="without activations; say them, such as --activation relu"):
        load(path)
    with pytest.raises(InputError, match="what follows the last layer"):
        load(path, Description(activation=("relu",)))
    with pytest.raises(InputError, match="2 activations are said, and there are 1 hidden layers"):
        load(path, Description(activation=("relu", "tanh"), output="linear"))
    with pytest.raises(InputError, match="no activation 'relux'"):
        Description(activation=("relux",))


@pytest.mark.parametrize(
    ("tensors", "said"),
    [
        ({"conv.weight": np.zeros((2, 3, 3, 3), "f")}, "'conv.weight' of the shape (2, 3, 3, 3)"),
        ({"norm.weight": np.zeros(3, "f")}, "is no weight and no bias of a linear layer"),
        ({"a.weight": np.zeros((2, 3), "i4")}, "holds I32"),
        ({"fc1.weight": np.zeros((2, 3), "f"), "fc2.weight": np.zeros((1, 4), "f")}, "'fc2' takes 4 numbers"),
        ({"fc1.weight": np.zeros((1, 3), "f"), "fc1.bias": np.full(1, np.nan, "f")}, "not a finite number"),
    ],
)
def test_what_is_no_dense_network_is_named(tensors: Any, said: str, tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    save_file(tensors, path)
    with pytest.raises(InputError) as caught:
        load(path, SAID)
    assert said in str(caught.value)


def test_pytorch_if_it_is_installed(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file as save_torch

    net = torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.GELU("tanh"), torch.nn.Linear(6, 3))
    save_torch(net.state_dict(), tmp_path / "net.safetensors")
    X = np.random.default_rng(0).standard_normal((5, 4)).astype(np.float32)
    model = load(tmp_path / "net.safetensors", Description(activation=("gelu",), output="linear"))
    np.testing.assert_allclose(model.outputs(X.T).T, net(torch.tensor(X)).detach().numpy(), atol=2e-6)
