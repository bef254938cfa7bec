"""Sections refuse what pydantic refuses, in its words, and keep the values that it keeps."""

from __future__ import annotations

import pickle
from typing import Annotated, Any, Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from deepnet_tui.common.section import InvalidError, SettingsSection
from deepnet_tui.data.setting_list import DATA_SETTINGS
from deepnet_tui.data.settings import ColumnSettings, DataSettings, Kind, Role
from deepnet_tui.experiment import Experiment, TrainingSettings
from deepnet_tui.experiment.training import TRAINING_SETTINGS

CHECKED_BY_US = ("target", "transform", "function", "class_weight")  # pydantic called functions of ours for these


class Column(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind | None = None
    role: Role | None = None


def bounded(name: str, kind: type) -> Any:
    return Annotated[kind, Field(ge=DATA_SETTINGS[name].low, le=DATA_SETTINGS[name].high, strict=True)]


class Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    source: str = "moons"
    test: str | None = None
    validation: bounded("validation", float) = 0.2  # type: ignore[valid-type]
    seed: bounded("seed", int) = 0  # type: ignore[valid-type]
    preparation: Literal["rich", "plain"] = "plain"
    separator: str | None = None
    decimal: Literal[".", ","] | None = None
    skip: bounded("skip", int) | None = None  # type: ignore[valid-type]
    noise: bounded("noise", float) | None = None  # type: ignore[valid-type]
    columns: dict[str, Column] = {}


KINDS: dict[str, Any] = {"choice": str, "text": str, "whole": int, "number": float, "flag": bool}
Training: type[BaseModel] = create_model(  # type: ignore[call-overload]
    "Training",
    __config__=ConfigDict(extra="forbid", frozen=True, strict=True),
    **{
        name: (KINDS[entry.kind] | None if entry.optional else KINDS[entry.kind], entry.default)
        for name, entry in TRAINING_SETTINGS.items()
        if name not in CHECKED_BY_US
    },
)
values: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(
        [None, True, 0, 1, -1, 0.5, 1e300, float("inf"), float("nan"), 10**400, "", "rich", ".", "x", [], {}]
    ),
    st.integers(-3, 2**33),
    st.floats(),
)
columns = st.dictionaries(
    st.sampled_from("ab"),
    st.dictionaries(
        st.sampled_from(["kind", "role", "other"]), st.sampled_from(["numeric", "date", "feature", "x", 1, None])
    )
    | values,
    max_size=2,
)


def told(section: type[SettingsSection], oracle: type[BaseModel], raw: dict[str, Any]) -> tuple[Any, Any]:
    """What both make of plain values: the values that they keep, or the place and the words of the first fault."""
    try:
        ours: Any = section(**raw).model_dump()
    except InvalidError as error:
        ours = error.path, str(error) if error.kind == "value" else error.kind
    try:
        theirs: Any = oracle(**raw).model_dump()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        kind = {"extra_forbidden": "extra", "model_type": "table"}.get(first["type"], first["msg"])
        theirs = first["loc"], kind
    return ours, theirs


@settings(deadline=None, max_examples=60)
@example({"seed": 10**400}, None, {})
@example({}, None, {"learning_rate": 10**400})
@given(
    st.dictionaries(st.sampled_from([*Data.model_fields, "other"]), values, max_size=3),
    st.none() | columns,
    st.dictionaries(st.sampled_from([*Training.model_fields, "other"]), values, max_size=3),
)
def test_sections_say_what_pydantic_says(
    data: dict[str, Any], given_columns: dict[str, Any] | None, training: dict[str, Any]
) -> None:
    raw = data if given_columns is None else data | {"columns": given_columns}
    ours, theirs = told(DataSettings, Data, raw)
    if isinstance(theirs, dict):
        assert isinstance(ours, dict)
        ours = {name: value for name, value in ours.items() if name in theirs}
    assert repr(ours) == repr(theirs)
    optional = {name for name, entry in TRAINING_SETTINGS.items() if entry.optional}
    training = {name: value for name, value in training.items() if not (name in optional and isinstance(value, str))}
    ours, theirs = told(TrainingSettings, Training, training)
    if isinstance(theirs, dict):
        assert isinstance(ours, dict)
        ours = {name: value for name, value in ours.items() if name in theirs}
    assert repr(ours) == repr(theirs)


def test_a_section_is_a_value() -> None:
    experiment = Experiment.default("moons")
    assert experiment == Experiment.default("moons")
    assert experiment != experiment.replace("data", seed=7)
    assert pickle.loads(pickle.dumps(experiment)) == experiment  # noqa: S301  our own
    assert hash(ColumnSettings(kind="date")) == hash(ColumnSettings(kind="date"))
    with pytest.raises(AttributeError, match="does not change"):
        experiment.data.seed = 3
    assert DataSettings().columns is not DataSettings().columns
