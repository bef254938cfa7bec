"""Experiment files: what is written is read again, and what is wrong is said in one sentence."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.builtin import BUILTIN, TABLE
from deepnet_tui.data.load import load
from deepnet_tui.experiment import Experiment, TrainingSettings, settings_in_file
from deepnet_tui.experiment.table_defaults import table_defaults
from deepnet_tui.runs.store import Store
from engine import TrainingSpec
from engine.ops.activations import ACTIVATIONS
from engine.ops.initializers import INITIALIZERS
from engine.training.events import Finished


@pytest.mark.parametrize("source", [*BUILTIN, "table.csv", "pictures.h5"])
@pytest.mark.parametrize("folder", ["", "elsewhere"])
def test_defaults_survive_a_file(source: str, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The data are found from the experiment's folder, wherever it is written and opened."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / folder).mkdir(exist_ok=True)
    experiment = Experiment.default(source, None if source in BUILTIN else "y")
    path = tmp_path / folder / "experiment.toml"
    experiment.write(path)
    monkeypatch.chdir("/")
    read = Experiment.read(path)
    assert read.network == experiment.network
    assert read.training == experiment.training
    expected = source if source in BUILTIN else str(tmp_path / source)
    assert read.data == experiment.replace("data", source=expected).data


LAYERS = st.fixed_dictionaries(
    {"units": st.integers(1, 1000), "activation": st.sampled_from([*ACTIVATIONS]), "dropout": st.floats(0, 0.9)}
)


@given(
    st.lists(LAYERS, max_size=4),
    st.sampled_from([*INITIALIZERS]),
    st.one_of(st.none(), st.integers(1, 1000)),
    st.floats(1e-9, 1e9),
    st.one_of(st.none(), st.lists(st.floats(0, 10), min_size=2, max_size=4), st.just("balanced")),
    st.dictionaries(st.text(min_size=1), st.sampled_from(["text", "numeric"]).map(lambda kind: {"kind": kind})),
)
def test_any_experiment_survives_a_file(
    hidden: list[Any], initializer: str, patience: int | None, rate: float, weight: Any, columns: dict[str, Any]
) -> None:
    import tomllib

    import tomli_w

    raw = {
        "data": {"source": "/tables/a.csv", "target": "y", "columns": columns},
        "network": {"hidden": hidden, "initializer": initializer},
        "training": {"learning_rate": rate, "patience": patience, "class_weight": weight},
    }
    experiment = Experiment.from_dict(raw)
    again = Experiment.from_dict(tomllib.loads(tomli_w.dumps(experiment.to_dict())))
    assert again == experiment


def test_the_settings_are_the_engines() -> None:
    assert set(TrainingSettings.model_fields) == {field.name for field in fields(TrainingSpec)}
    for field in fields(TrainingSpec):
        if field.default is None:
            assert TrainingSettings.model_fields[field.name].default is None


def test_a_run_stored_without_a_preparation_is_plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deepnet_tui.experiment.experiment.TABLE", replace(TABLE, preparation="rich"))
    text = f'[data]\nsource = "{tmp_path / "table.csv"}"\n'
    path = tmp_path / "experiment.toml"
    path.write_text(text)
    assert Experiment.read(path).data.preparation == "rich"
    assert Experiment.default("moons").data.preparation == "plain"
    assert Experiment.default("pictures.h5").data.preparation == "plain"
    (tmp_path / "run.json").write_text("{}")
    assert Experiment.read(path).data.preparation == "plain"
    path.write_text(text + 'preparation = "rich"\n')
    assert Experiment.read(path).data.preparation == "rich"
    path.write_text(text + 'preparation = "poor"\n')
    with pytest.raises(InputError, match="preparation"):
        Experiment.read(path)


def test_what_is_left_out_is_the_sources_default(tmp_path: Path) -> None:
    path = tmp_path / "short.toml"
    path.write_text('[data]\nsource = "tutorial"\n[network]\nactivation = "tanh"\n[training]\niterations = 7\n')
    experiment = Experiment.read(path)
    expected = Experiment.default("tutorial").replace("training", iterations=7).replace("network", activation="tanh")
    assert experiment == expected
    assert [(layer.units, layer.activation) for layer in experiment.network.hidden] == [
        (4, "tanh"),
        (5, "tanh"),
        (2, "tanh"),
    ]


def test_replacing_changes_one_thing() -> None:
    experiment = Experiment.default("tutorial").replace("network", hidden=[20, {"units": 7, "activation": "tanh"}])
    assert [(layer.units, layer.activation) for layer in experiment.network.hidden] == [(20, "relu"), (7, "tanh")]
    dropped = experiment.replace("network", dropout=0.25)
    assert [layer.dropout for layer in dropped.network.hidden] == [0.25, 0.25]
    assert [layer.activation for layer in dropped.network.hidden] == ["relu", "tanh"]
    assert dropped.training == experiment.training


BAD = {
    "[training]\nlerning_rate = 1": (
        r"\[training\] has no key 'lerning_rate'; allowed are .*learning_rate",
        "lerning_rate",
    ),
    "[trainig]\na = 1": (r"top level has no key 'trainig'; allowed are data, network, training", "trainig"),
    "[network]\nhiden = [1]": (r"\[network\] has no key 'hiden'; allowed are .*hidden.*activation", "hiden"),
    "[training]\nlearningrate = 1": (r"allowed are optimizer, .*; did you mean learning_rate\?$", "learningrate"),
    "[network]\nactivation = ['tanh', 'relu']": (r"toml: activation \['tanh', 'relu'\] is unknown", "activation"),
    "[network]\ndropout = 'x'": ("toml: dropout must be a finite number at least 0", "dropout"),
    "[training]\nclass_weight = 'balance'": ("choose one of balanced, none$", "class_weight"),
    "[training]\nclass_weight = 5": ("class_weight must be balanced, none or a list .*, not 5", "class_weight"),
    "[training]\nclass_weight = [1, 'x']": ("class_weight must be a finite number", "class_weight"),
    "[[network.hidden]]\nunit = 3": (r"no key 'unit'|units", ""),
    "[[network.hidden]]\nunits = 3\nunit = 3": ("hidden layer 1 has no key 'unit'; .*; did you mean units", "unit"),
    "[network]\nhidden = [3, 'x']": ("units of hidden layer 2 must be a whole number, not 'x'", "units"),
    "[data.columns.a]\nkin = 'text'": (r"\[data.columns.a\] has no key 'kin'; allowed are kind, role", "kin"),
    "[data.columns.a]\nkind = 'tekst'": (r"must be 'numeric', .*not 'tekst'", "kind"),
    "[training]\nlearning_rate = nan": ("learning_rate must be a finite number above 0, not nan", "learning_rate"),
    "[training]\nlearning_rate = 'x'": ("must be a number, not 'x'", "learning_rate"),
    "[training]\noptimizer = 'sgdd'": ("optimizer 'sgdd' is unknown; choose one of gd", "optimizer"),
    "[training]\nseed = -1": ("seed must be a whole number from 0", "seed"),
    "[network]\nhidden = [0]": ("units must be a whole number from 1 to 100,000, not 0", "units"),
    "[network]\nhidden = [1000000]": ("units must be a whole number from 1 to 100,000", "units"),
    "[network]\nhidden = 16": ("network.hidden must be a list, not 16", "hidden"),
    "[network]\nhidden = [true]": ("must be a whole number, not True", "units"),
    "[network]\nactivation = 'rleu'": ("activation 'rleu' is unknown; choose one of relu", "activation"),
    "[network]\ninitializer = 'hee'": ("initializer 'hee' is unknown", "initializer"),
    "[data]\nvalidation = 1.5": ("validation must be at most 0.9, not 1.5", "validation"),
    "[data]\nvalidation = nan": ("validation", "validation"),
    "[data]\nsource = 3": ("data.source must be a string, not 3", "source"),
    "data = 3": ("data", "data"),
    "": (r"\[data\] needs a source: .* such as source = \"moons\"", "source"),
    "[data]\ntarget = 'survived'": (r"\[data\] needs a source", "source"),
    "[training]\niterations = 5": (r"\[data\] needs a source", "source"),
    "a = [": ("not valid TOML", ""),
    "a = " + "[" * 5000: ("not valid TOML", ""),
}


@pytest.mark.parametrize("text", BAD, ids=lambda text: text[:30])
def test_what_is_wrong_is_one_sentence(text: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    message, field = BAD[text]
    with pytest.raises(InputError, match=message) as caught:
        Experiment.read(path)
    assert "bad.toml" in str(caught.value)
    assert "\n" not in str(caught.value) or "TOML" in str(caught.value)
    if field:
        assert caught.value.field == field


def test_files_that_can_not_be_read_or_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a file"):
        Experiment.read(tmp_path)
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="is not UTF-8"):
        Experiment.read(binary)
    with pytest.raises(InputError, match="can't be written"):
        Experiment.default().write(tmp_path / "missing" / "a.toml")


@given(st.binary(max_size=200))
def test_no_bytes_are_more_than_a_sentence(data: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fuzz.toml"
        path.write_bytes(data)
        try:
            Experiment.read(path)
        except InputError as error:
            assert str(error)  # noqa: PT017


def test_a_network_for_the_problem() -> None:
    experiment = Experiment.default("iris")
    dataset = load(experiment.data)
    assert experiment.network_spec(dataset).dims == (4, 16, 3)
    warnings = experiment.replace("network", hidden=[100]).warnings(dataset)
    assert any("803 parameters for 120 training examples" in warning for warning in warnings)
    assert experiment.replace("network", hidden=[]).warnings(dataset) == dataset.warnings
    with pytest.raises(InputError, match="class_weight"):
        experiment.replace("training", class_weight=[1.0, 2.0]).trainer(dataset)


def test_a_table_gets_defaults_for_its_size(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("x,y\n" + "".join(f"{i * 7 % 50}.5,{i}.25\n" for i in range(400)))
    before = Experiment.default(str(table), "y")
    dataset = load(before.data)
    fresh = before.with_data_defaults(dataset, ())
    assert (fresh.network.ensemble, fresh.network.hidden[0].dropout) == (8, 0.15)
    assert (fresh.training.optimizer, fresh.training.batch_size, fresh.training.internal) == ("adamw", 64, 0.125)
    chosen = fresh.replace("network", hidden=[5]).replace("training", l2=3.0, iterations=400, batch_size=10)
    kept = chosen.with_data_defaults(dataset, ("l2", "hidden", "iterations", "batch_size", "dropout"))
    assert (kept.network.hidden, kept.training.l2, kept.training.batch_size) == (chosen.network.hidden, 3.0, 10)
    assert (kept.training.iterations, kept.training.report_every) == (400, 10)
    assert before.with_data_defaults(dataset) == before, "a stored run is as it was trained"


@pytest.mark.parametrize("m", [4, 20, 36, 37, 60, 127, 128, 700, 1499, 1500, 4999, 5000, 50_000, 1_000_000])
def test_defaults_of_a_table_can_be_trained(m: int) -> None:
    best = table_defaults(m, 30)
    assert table_defaults(m, 20_000).ensemble == 1
    trained_on = m - int(m * best.internal)
    assert best.batch_size is None or 32 <= best.batch_size <= trained_on
    assert 700 - 40 <= best.iterations <= 2_400
    assert 0 < best.ensemble * best.internal <= 1, "no example is kept aside twice"
    assert best.iterations % best.report_every == 0


def test_an_optimizer_that_needs_all_examples_gets_one_network(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("x,y\n" + "".join(f"{i * 7 % 50}.5,{i}.25\n" for i in range(60)))
    chosen = Experiment.default(str(table), "y").replace("training", optimizer="lbfgs")
    dataset = load(chosen.data)
    adapted = chosen.with_data_defaults(dataset, ("optimizer",))
    adapted.check(dataset)
    assert (adapted.network.ensemble, adapted.training.optimizer) == (1, "lbfgs")
    assert adapted.training.internal == 0
    assert adapted.training.patience is None, "nothing is left that it should stop by"


def test_an_experiment_file_chooses_what_it_says(tmp_path: Path) -> None:
    file = tmp_path / "e.toml"
    file.write_text('[data]\nsource = "moons"\n[training]\nl2 = 1.0\n[[network.hidden]]\nunits = 3\ndropout = 0.5\n')
    assert set(settings_in_file(file) or ()) == {"l2", "hidden", "units", "dropout"}
    (tmp_path / "run.json").write_text("{}")
    assert settings_in_file(file) is None, "a stored run has chosen everything"


def test_a_section_that_is_no_table_is_said_plainly() -> None:
    with pytest.raises(InputError, match=r"^\[data\] must be a table of settings, not 5$"):
        Experiment.from_dict({"data": 5})
    with pytest.raises(InputError, match=r"data\.validation must be a number, not '0.2'"):
        Experiment.from_dict({"data": {"source": "moons", "validation": "0.2"}})


def test_the_former_name_of_validation_is_read(tmp_path: Path) -> None:
    """Up to version 0.1 it was `held_out`."""
    path = tmp_path / "old.toml"
    path.write_text('[data]\nsource = "moons"\nheld_out = 0.35\n')
    assert Experiment.read(path).data.validation == 0.35
    Experiment.read(path).write(path)
    assert "validation = 0.35" in path.read_text()
    assert "held_out" not in path.read_text()


def test_the_experiment_of_an_old_run_is_read(tmp_path: Path) -> None:
    run = Store(tmp_path).begin(Experiment.default("moons"))
    run.release()
    kept = tmp_path / run.id / "experiment.toml"
    kept.write_text(kept.read_text().replace("validation = 0.2", "held_out = 0.3"))
    assert Store(tmp_path).open("last").experiment().data.validation == 0.3


def test_both_names_of_validation_are_one_too_many(tmp_path: Path) -> None:
    path = tmp_path / "both.toml"
    path.write_text('[data]\nsource = "moons"\nvalidation = 0.2\nheld_out = 0.3\n')
    with pytest.raises(InputError) as caught:
        Experiment.read(path)
    assert str(caught.value) == f"{path}: [data] has both validation and held_out, its former name; keep validation"
    assert caught.value.field == "validation"


def test_the_defaults_of_a_table_learn_a_sine(tmp_path: Path) -> None:
    """A wave of unscaled inputs, which one standardised number and a small network miss: R2 was .02."""
    table = tmp_path / "sine.csv"
    x = np.random.default_rng(0).permutation(np.resize(np.arange(200), 1_000))
    table.write_text("x,y\n" + "".join(f"{number},{math.sin(number / 7):.6f}\n" for number in x))
    experiment = Experiment.default(str(table), "y")
    dataset = load(experiment.data)
    trainer = experiment.with_data_defaults(dataset, ()).trainer(dataset)
    assert isinstance([*trainer.run()][-1], Finished)
    assert trainer.score("validation") > 0.9


def test_the_threshold_is_an_option_and_no_setting() -> None:
    with pytest.raises(InputError, match=r"no key 'threshold'; .*by the option --threshold of train$"):
        Experiment.from_dict({"data": {"source": "moons"}, "training": {"threshold": "f1"}})
