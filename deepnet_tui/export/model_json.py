"""The text that every complete file carries: all of a model but its parameters, as JSON."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, NoReturn

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.preparation.checks import check_transforms
from deepnet_tui.data.preparation.entries import Categorical, Numeric, input_count, is_later
from deepnet_tui.data.preparation.preparation import Preparation
from deepnet_tui.data.setting_list import READING
from deepnet_tui.data.targets.scale import TargetScale
from deepnet_tui.data.values.date_format import ORDERS
from deepnet_tui.model import HALF, Model, Parameters, TestVectors
from engine.spec import LayerSpec, NetworkSpec, TrainingSpec

KIND = "deepnet-tui model"
VERSION = 2
PLAIN_VERSION = 1  # of a model with nothing that version 0.2 does not know, which opens it too
LATER = {
    "ensemble": 1,
    "internal": 0.0,
    "calibrate": False,
    "loss": "default",
    "quantile": 0.5,
    "label_smoothing": 0.0,
    "input_scale_rate": 0.0,
}
"""Settings that version 0.2 does not know, with the values that it acts by."""
HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")
LISTS = 1_000_000  # an empty one of two bytes takes 64 in memory
KINDS = ("numeric", "boolean", "date", "categorical", "block")


def model_to_json(model: Model) -> dict[str, Any]:
    """All of a model but its parameters, as plain lists, numbers and strings."""
    test_vectors = model.test_vectors
    derived = model.inputs == model.preparation.inputs
    network, training = _described(model.network), model.training and _described(model.training)
    more: dict[str, Any] = {} if model.threshold == HALF else {"threshold": model.threshold}
    if model.best is not None:
        more["best"] = model.best
    more |= {} if model.scaling.is_plain else {"target_scaling": _scaling_to_json(model.scaling)}
    more |= {"further_targets": _further_to_json(model)} if model.further_targets else {}
    more_inputs = any(map(is_later, model.preparation.entries)) or model.preparation.transforms
    later = more_inputs or more or LATER.keys() & {*network, *(training or ())}
    return {
        "kind": KIND,
        "format": VERSION if later else PLAIN_VERSION,
        "library": model.version,
        "name": model.name,
        "network": network,
        "inputs": None if derived else list(model.inputs),
        "target": model.target,
        "classes": list(model.classes),
        "preparation": model.preparation.to_dict(),
        "target_mean": model.scaling.mean,
        "target_scale": model.scaling.scale,
        "training": training,
        "metrics": dict(model.metrics) if model.metrics is not None else None,
        "iterations": model.iterations,
        "reading": dict(model.reading),
        **more,
        "test_vectors": test_vectors
        and {
            "raw": [dict(row) for row in test_vectors.raw],
            "prepared": test_vectors.prepared.T.tolist(),
            "outputs": test_vectors.outputs.T.tolist(),
        },
    }


def _described(spec: NetworkSpec | TrainingSpec) -> dict[str, Any]:
    """The settings by name, without those of `LATER` that are as they always were in version 0.2."""
    return {name: value for name, value in asdict(spec).items() if name not in LATER or value != LATER[name]}


def to_text(document: Mapping[str, Any]) -> str:
    """The document as JSON on one line, in ASCII; numbers that are not finite become null."""
    try:
        return json.dumps(document, allow_nan=False, default=_plain)
    except ValueError:
        return json.dumps(_finite(document), allow_nan=False, default=_plain)


def from_text(text: str) -> dict[str, Any]:
    """The document in a JSON text. Raises InputError for everything else."""
    if text.count("[") + text.count("{") > LISTS:
        raise InputError(f"its JSON holds more than {LISTS:,} lists, far more than a network needs")
    try:
        document = json.loads(text, parse_constant=_not_a_number)
    except RecursionError:
        raise InputError("its JSON is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise InputError(f"its JSON breaks off or is wrong at line {error.lineno}, column {error.colno}") from None
    except ValueError as error:  # a whole number of thousands of digits
        raise InputError(f"its JSON holds a number that can't be read: {error}") from None
    if HALF_CHARACTER.search(text) and not _is_text(document):
        raise InputError("its JSON holds half a character, such as \\ud800")
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise InputError(f"it does not say that it is a {KIND}")
    if document.get("format") not in (PLAIN_VERSION, VERSION):
        raise InputError(
            f"it is of format version {document.get('format')!r}, this library reads {PLAIN_VERSION} to {VERSION}; "
            "update deepnet-tui"
        )
    return document


def network_of(document: Mapping[str, Any]) -> NetworkSpec:
    """The network that a document describes. Raises InputError."""
    try:
        raw = dict(document["network"])
        raw["hidden"] = tuple(LayerSpec(**layer) for layer in raw["hidden"])
        return NetworkSpec(**raw)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"its network is not described as it should be: {_said(error)}") from None


def model_from_json(document: Mapping[str, Any], parameters: Parameters) -> Model:
    """The model. Raises InputError for a document that `model_to_json` never wrote."""
    network = network_of(document)
    try:
        preparation = _preparation(document["preparation"], network)
        training = document["training"]
        model = Model(
            network=network,
            parameters=parameters,
            name=_text(document["name"]),
            inputs=_words(document["inputs"]) if document["inputs"] is not None else preparation.inputs,
            target=_text(document["target"]),
            classes=_words(document["classes"]),
            preparation=preparation,
            scaling=_scaling(document),
            further_targets=_further_targets(document.get("further_targets", [])),
            training=TrainingSpec(**training) if training is not None else None,
            metrics=dict(document["metrics"]) if document["metrics"] is not None else None,
            iterations=int(_number(document["iterations"])),
            version=_text(document["library"]),
            test_vectors=_vectors(document["test_vectors"], network),
            reading={name: _text(value) for name, value in document.get("reading", {}).items() if name in READING},
            best=_place(document.get("best")),
            threshold=_number(document.get("threshold", HALF)),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InputError(f"it is not complete or not as it should be: {_said(error)}") from None
    return model


def _vectors(raw: Any, network: NetworkSpec) -> TestVectors | None:
    if raw is None:
        return None
    rows = tuple(dict(row) for row in raw["raw"])
    prepared = np.array(raw["prepared"], dtype=np.float64).reshape(len(rows), network.inputs)
    outputs = np.array(raw["outputs"], dtype=np.float64).reshape(len(rows), network.outputs)
    return TestVectors(rows, np.ascontiguousarray(prepared.T), np.ascontiguousarray(outputs.T))


def _preparation(raw: Any, network: NetworkSpec) -> Preparation:
    """The preparation, every value of the right type, and not more inputs than the network has."""
    preparation = Preparation.from_dict(raw)
    check_transforms(preparation.entries, preparation.transforms)
    total = len(preparation.transforms)
    for entry in preparation.entries:
        _text(entry.name)
        if entry.kind not in KINDS:
            raise ValueError(f"the column kind {entry.kind!r} is unknown")
        for word in (word for name in ("categories", "rare", "words") for word in getattr(entry, name, ())):
            _text(word)
        for part in ("missing", "other"):
            if not isinstance(getattr(entry, part, False), bool):
                raise TypeError(f"{part!r} of {entry.name!r} is neither true nor false")
        for part in ("edges", "periods"):
            if hasattr(entry, part):
                object.__setattr__(entry, part, tuple(map(_number, getattr(entry, part))))
        if isinstance(entry, Categorical):
            statistics = tuple(tuple(map(_number, row)) for row in entry.statistics)
            object.__setattr__(entry, "statistics", statistics)
        if isinstance(entry, Numeric) and entry.order not in ORDERS:
            raise ValueError(f"the order of the dates of {entry.name!r} is unknown")
        for size in getattr(entry, "shape", ()):
            if not isinstance(size, int) or size < 1:
                raise ValueError(f"the shape of {entry.name!r} is not made of whole numbers")
        for part in ("mean", "fill", "scale", "clip"):
            if hasattr(entry, part):
                object.__setattr__(entry, part, _number(getattr(entry, part)))
        if getattr(entry, "scale", 1.0) == 0.0:
            raise ValueError(f"the scale of {entry.name!r} is zero")
        total += math.prod(entry.shape) if hasattr(entry, "shape") else input_count(entry)
    if total != network.inputs:
        raise ValueError(f"the preparation makes {total:,} inputs, the network has {network.inputs:,}")
    return preparation


def _scaling_to_json(scaling: TargetScale) -> dict[str, Any]:
    """What a scale of the target has besides mean and scale."""
    return {name: value for name, value in asdict(scaling).items() if name not in ("mean", "scale")}


def _further_to_json(model: Model) -> list[dict[str, Any]]:
    return [{"name": name, **asdict(scaling)} for name, scaling in model.further_targets.items()]


def _further_targets(raw: Any) -> dict[str, TargetScale]:
    """The targets after the first, each with its scale; TypeError or ValueError for what is none."""
    found: dict[str, TargetScale] = {}
    for each in raw:
        more = dict(each)
        name, mean, scale = _text(more.pop("name")), more.pop("mean"), more.pop("scale")
        if name in found:
            raise ValueError(f"the target {name!r:.40} is there twice")
        found[name] = _scale(mean, scale, more)
    return found


def _scaling(document: Mapping[str, Any]) -> TargetScale:
    more = dict(document.get("target_scaling") or {})
    return _scale(document["target_mean"], document["target_scale"], more)


def _scale(mean: Any, scale: Any, more: Mapping[str, Any]) -> TargetScale:
    if not isinstance(more.get("log", False), bool):
        raise TypeError("'log' of the scale of the target is neither true nor false")
    numbers = {name: None if value is None else _number(value) for name, value in more.items() if name != "log"}
    if numbers.get("shift", 0.0) is None:
        raise TypeError("the shift of the target is missing")
    return TargetScale(_number(mean), _number(scale), log=more.get("log", False), **numbers)  # type: ignore[arg-type]


def _is_text(document: Any) -> bool:
    """Whether every word can be written: an escape for one half of a character beside the other half is a character."""
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} stands where a text belongs")
    return value


def _words(value: Any) -> tuple[str, ...]:
    return tuple(_text(word) for word in value)


def _place(value: Any) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise TypeError(f"{value!r:.40} stands where a whole number belongs")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r:.40} stands where a number belongs")
    return float(value)


def _plain(value: Any) -> Any:
    """A number or array of NumPy as Python's own."""
    if isinstance(value, np.generic | np.ndarray):
        return _finite(value.tolist())
    raise TypeError(f"{type(value).__name__} can't be written as JSON")


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _not_a_number(word: str) -> NoReturn:
    raise InputError(f"its JSON holds {word}, which is not a finite number")


def _said(error: Exception) -> str:
    return f"{error.args[0]!r} is missing" if isinstance(error, KeyError) and error.args else str(error)
