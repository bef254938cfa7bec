"""A loss is one entry: tasks with numbers, two classes or several go from data to exports, Explain and the app."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from deepnet_tui.app import DeepnetApp
from deepnet_tui.cli import main
from deepnet_tui.commands.views import VIEWS
from deepnet_tui.data.builtin import BUILTIN
from deepnet_tui.data.load import load as load_data
from deepnet_tui.experiment import Experiment
from deepnet_tui.explain.trace import trace
from deepnet_tui.explain.update import UpdateRule
from deepnet_tui.export import FORMATS, export, load
from deepnet_tui.model import Model
from deepnet_tui.workbench.state import State
from engine import ACTIVATIONS, Trainer, check_gradients
from engine.ops.losses import LOSSES
from tests.deepnet_tui.app.conftest import home, keys_take_effect, ready, screen_text, state, until
from tests.test_adding_entries import entries

__all__ = ["entries", "home", "keys_take_effect"]

TASKS = '''
"""Three tasks, and data for each."""
from dataclasses import replace
import numpy as np
from deepnet_tui.data.builtin import Builtin, Defaults, Examples
from engine.ops.activations import Activation
from engine.ops.code import Code
from engine.ops.losses import LOSSES, Loss


def asinh(program, Z, A):
    program.add("A = asinh(Z)", np.arcsinh, Z, out=A)


def asinh_backward(program, Z, A, dA):
    slope = program.scratch("work", A.shape)
    program.add("slope = cosh(A)", np.cosh, A, out=slope)
    program.add("dZ = dA / slope", np.divide, dA, slope, out=dA)


def asinh_onnx(graph, z):
    root = graph.add("Sqrt", graph.add("Add", graph.add("Mul", z, z), graph.number(1)))
    return graph.add("Log", graph.add("Add", z, root))


def heavy_tails(Z, Y):
    """What has the slope asinh(z) - y, and is 0 where that is."""
    return (Z * np.arcsinh(Z) - np.sqrt(Z * Z + 1) - Y * Z + np.cosh(Y)).sum(axis=0)


def examples(classes):
    def make():
        x = np.linspace(-3.0, 3.0, 90)
        y = np.sin(x) * 3 if not classes else np.digitize(x, np.linspace(-3, 3, len(classes) + 1)[1:-1])
        return Examples({"x": x, "square": x * x}, y, "height", classes)

    return make


ASINH = Activation(
    "asinh(z)", "1 / cosh(a)", asinh, asinh_backward,
    code=Code("asinh(z)", "np.arcsinh(Z)", 'torch.nn.Identity()  # asinh', asinh_onnx),
)
TASKS = {
    "heavy_tails": Loss(heavy_tails, "asinh", "numbers", "z a - cosh(a) - y z + cosh(y)"),
    "clicks": replace(LOSSES["binary"]),
    "kinds": replace(LOSSES["multiclass"]),
}
DEFAULTS = Defaults((4,), "tanh", learning_rate=0.02, iterations=100, report_every=50)
SETS = {
    "waves": Builtin("waves", "a wave", "heavy_tails", "random", examples(()), DEFAULTS),
    "coins": Builtin("coins", "two sides", "clicks", "random", examples(("head", "tail")), DEFAULTS),
    "dice": Builtin("dice", "three sides", "kinds", "random", examples(("1", "2", "3")), DEFAULTS),
}
'''
SOURCES = {"waves": "heavy_tails", "coins": "clicks", "dice": "kinds"}
ROWS = [{"x": 0.5, "square": 0.25}, {"x": -1.0, "square": 1.0}, {"x": 2.5, "square": 6.25}]
TABLE = "x,square\n0.5,0.25\n-1,1\n2.5,6.25\n"


@pytest.fixture(autouse=True)
def tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The new tasks, and data for them, in their registries for one test."""
    path = tmp_path / "tasks_of_somebody.py"
    path.write_text(TASKS)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setitem(ACTIVATIONS, "asinh", module.ASINH)
    for name, loss in module.TASKS.items():
        monkeypatch.setitem(LOSSES, name, loss)
    for name, entry in module.SETS.items():
        monkeypatch.setitem(BUILTIN, name, entry)
    return module


def trained(source: str, iterations: int = 100) -> Trainer:
    experiment = Experiment.default(source)
    trainer = experiment.trainer(load_data(experiment.data))
    trainer.advance(iterations)
    return trainer


def model_of(source: str) -> Model:
    return Model.of(load_data(Experiment.default(source).data), trained(source))


@pytest.mark.parametrize("source", SOURCES)
def test_it_is_trained_and_its_gradients_pass(source: str) -> None:
    trainer, part = trained(source), load_data(Experiment.default(source).data).train
    assert trainer.network.task == SOURCES[source]
    assert trainer.cost() < 0.7 * trained(source, 0).cost()
    assert check_gradients(trainer.network, trainer.parameters, part.X, part.Y).passed


@pytest.mark.parametrize("source", SOURCES)
def test_explain_agrees_with_the_trainer(source: str) -> None:
    trainer, part = trained(source, 3), load_data(Experiment.default(source).data).train
    training, after = trainer.training, trainer.next_update()
    rule = UpdateRule("adam", training.momentum, training.beta2, training.epsilon, after.number, after.memory)
    shown = trace(trainer.network, trainer.parameters, part.X, part.Y, after.learning_rate, training.l2, rule=rule)
    assert float(shown.find("J").out.values[0, 0]) == pytest.approx(trainer.cost(), rel=1e-12)
    trainer.advance(1)
    for name, values in trainer.parameters.items():
        np.testing.assert_allclose(shown.find(f"{name}_new").out.values, values, rtol=1e-11)
    for operation in shown.operations:
        assert operation.numbers(0, 0)


def test_what_any_optimizer_remembers_is_of_the_update() -> None:
    experiment = Experiment.default("waves").replace("training", optimizer="signum", momentum=0.5)
    part = load_data(experiment.data).train
    shown = trace(
        trained("waves").network, trained("waves").parameters, part.X, part.Y, 0.1, rule=UpdateRule("signum", 0.5)
    )
    assert shown.find("T_W1_new").phase == shown.find("W1_new").phase == "update"
    assert shown.find("loss").phase == "cost"
    assert shown.find("dW1").phase == "backward"


def able(suffix: str) -> bool:
    if suffix == ".h":
        return any(shutil.which(name) for name in ("gcc", "clang", "cc"))
    return suffix != ".onnx" or importlib.util.find_spec("onnxruntime") is not None


@pytest.mark.parametrize("suffix", [".npz", ".json", ".safetensors", ".h", ".onnx"])
@pytest.mark.parametrize("source", SOURCES)
def test_an_export_agrees_with_its_model(tmp_path: Path, source: str, suffix: str) -> None:
    if not able(suffix):
        pytest.skip(f"nothing here runs {suffix}")
    model = model_of(source)
    receipt = export(model, tmp_path / f"model{suffix}")
    assert receipt.verified, receipt.sentence
    assert receipt.largest_difference is not None
    if FORMATS[suffix].load:
        copy, own = load(receipt.path).predict(ROWS), model.predict(ROWS)
        for name in ("labels", "probabilities", "values"):
            np.testing.assert_array_equal(getattr(copy, name), getattr(own, name))


@pytest.mark.parametrize("source", SOURCES)
def test_an_exported_program_predicts_the_same(tmp_path: Path, source: str) -> None:
    model = model_of(source)
    (tmp_path / "rows.csv").write_text(TABLE)
    receipt = export(model, tmp_path / "model.py")
    command = [sys.executable, str(receipt.path), str(tmp_path / "rows.csv")]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = [line.split(",") for line in ran.stdout.splitlines()[1:]]
    own = model.predict(ROWS)
    if own.values is not None:
        np.testing.assert_allclose([float(line[0]) for line in lines], own.values, rtol=1e-9)
    else:
        assert own.labels is not None
        assert [line[0] for line in lines] == list(own.labels)
        assert own.probabilities is not None
        found = [[float(share) for share in line[1:]] for line in lines]
        np.testing.assert_allclose(found, own.probabilities, rtol=1e-9)


@pytest.mark.parametrize("source", SOURCES)
def test_pytorch_gets_the_output_of_the_task(tmp_path: Path, source: str) -> None:
    text = export(model_of(source), tmp_path / "model.pt.py").path.read_text()
    compile(text, "model.pt.py", "exec")
    assert f'"{SOURCES[source]}"' in text
    assert ('ends["heavy_tails"] = ACTIVATIONS["asinh"]' in text) == (source == "waves")


@pytest.mark.parametrize("source", SOURCES)
def test_the_command_line_takes_it(source: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", source, "--json", "--export", "net.npz"]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["event"] == "finished"
    assert last["metrics"]["train"]["r2" if source == "waves" else "accuracy"] > 0.5
    Path("rows.csv").write_text(TABLE)
    assert main(["predict", "net.npz", "rows.csv"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1 + len(ROWS)
    assert main(["train", source, "--iterations", "20"]) == 0
    assert main(["check", source]) == 0
    assert main(["export", last["run"], "again.json"]) == 0


def test_a_loss_may_replace_that_of_another_task(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["diabetes", "--loss", "heavy_tails"]
    assert main(["train", *options, "--iterations", "200", "--json", "--export", "own.py"]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["metrics"]["train"]["r2"] > 0.1
    assert 'return activate("asinh", A)' in Path("own.py").read_text()
    assert main(["check", *options]) == 0
    assert main(["train", "coins", "--loss", "heavy_tails"]) == 2
    assert "heavy_tails is a loss for numbers, and height is a class" in capsys.readouterr().err


@pytest.mark.parametrize("source", SOURCES)
async def test_every_view_shows_it(source: str) -> None:
    changes = {"optimizer": "signum", "schedule": "linear", "learning_rate": 0.02}
    experiment = Experiment.default(source).replace("training", **changes)
    app = DeepnetApp(experiment.replace("network", activation="softsign", initializer="tenth"), fresh=True)
    async with app.run_test(size=(120, 50)) as pilot:
        await ready(pilot)
        for name in ("softsign", "tenth", "signum", "linear"):
            assert name in screen_text(app)
        await pilot.press("space")
        await state(pilot, State.FINISHED)
        for number, entry in enumerate(VIEWS, start=1):
            await pilot.press(str(number))
            await until(pilot, lambda: app.main.view is not None and app.main.view.id == f"view-{entry.id}", entry.id)  # noqa: B023
            await until(pilot, lambda: app.main.view is not None and app.main.view.as_text(), f"{entry.id} as text")
