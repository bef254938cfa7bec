"""To add one, add an entry: a module that nobody else knows adds one of each at run time, and everything uses it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from deepnet_tui.cli import main
from deepnet_tui.data.builtin import BUILTIN
from deepnet_tui.data.load import load
from deepnet_tui.experiment import Experiment
from deepnet_tui.explain.trace import trace
from deepnet_tui.explain.update import UpdateRule
from deepnet_tui.export import FORMATS, export, standalone
from deepnet_tui.lessons.conditions import CONDITIONS
from deepnet_tui.lessons.loader import read
from deepnet_tui.model import Model
from engine import (
    ACTIVATIONS,
    INITIALIZERS,
    OPTIMIZERS,
    SCHEDULES,
    LayerSpec,
    NetworkSpec,
    Progress,
    Trainer,
    TrainingSpec,
    check_gradients,
)
from engine.diagnostics.findings import TrainingRecord
from engine.diagnostics.rules import diagnose
from engine.diagnostics.statistics import draw, examine, facts
from engine.estimator import DeepNetClassifier
from engine.ops.activations import activate
from engine.ops.losses import LOSSES, losses
from engine.spec.settings import settings_of

ENTRIES = '''
"""One entry of each kind."""
import numpy as np
from deepnet_tui.data.builtin import Builtin, Defaults, Examples
from deepnet_tui.export.format import Format, Verification
from deepnet_tui.lessons.conditions import Condition
from engine.ops.activations import Activation
from engine.ops.code import Code
from engine.ops.initializers import Initializer
from engine.ops.losses import Loss
from engine.ops.optimizers import Optimizer, Slot
from engine.ops.schedules import Schedule


def softsign(program, Z, A):
    size = program.scratch("work", Z.shape)
    program.add("size = |Z|", np.abs, Z, out=size)
    program.add("size = size + 1", np.add, size, np.array(1, program.dtype), out=size)
    program.add("A = Z / size", np.divide, Z, size, out=A)


def softsign_backward(program, Z, A, dA):
    slope = program.scratch("work", A.shape)
    program.add("slope = |A|", np.abs, A, out=slope)
    program.add("slope = 1 - slope", np.subtract, np.array(1, program.dtype), slope, out=slope)
    program.add("slope = slope * slope", np.multiply, slope, slope, out=slope)
    program.add("dZ = dA * slope", np.multiply, dA, slope, out=dA)


def exponential(program, Z, A):
    program.add("A = e^Z", np.exp, Z, out=A)


def exponential_backward(program, Z, A, dA):
    program.add("dZ = dA * A", np.multiply, dA, A, out=dA)


def signum(program, v, settings):
    trail, step = v.slots["trail"], program.scratch("update", v.parameters.shape)
    program.add("T = beta T", np.multiply, trail, v.scalar("beta", settings.momentum), out=trail)
    program.add("T = T + dW", np.add, trail, v.gradient, out=trail)
    program.add("step = sign(T)", np.sign, trail, out=step)
    program.add("step = rate step", np.multiply, step, v.scalar("rate", 0.0), out=step)
    program.add("W = W - step", np.subtract, v.parameters, step, out=v.parameters)


def signum_scalars(v, settings):
    step_rate = v.scalar("rate", 0.0)

    def set_scalars(t, rate):
        step_rate[...] = rate

    return set_scalars


def signum_textbook(W, dW, memory, rate, t, settings):
    T = settings.momentum * memory["T"] + dW
    return W - rate * np.sign(T), {"T": T}


def stripes():
    x = np.random.default_rng(1).uniform(-1, 1, (2, 120))
    return Examples({"x1": x[0], "x2": x[1]}, (x[0] + x[1] > 0).astype(int), "side", ("below", "above"))


def save(model, path):
    path.write_text(str(model.network.size))


def verify(model, path):
    return Verification(int(path.read_text()) == model.network.size, None, "read back")


ACTIVATIONS = {
    "softsign": Activation(
        "z / (1 + |z|)", "(1 - |a|)^2", softsign, softsign_backward,
        code=Code(
            "z / (1.0 + fabs(z))", "Z / (1.0 + np.abs(Z))", "torch.nn.Softsign()",
            lambda g, z: g.add("Div", z, g.add("Add", g.add("Abs", z), g.number(1))),
        ),
        saturated_below=0.05,
    ),
    "exponential": Activation("e^z", "a", exponential, exponential_backward),
}
LOSSES = {"counts": Loss(lambda Z, Y: (np.exp(Z) - Y * Z).sum(axis=0), "exponential", "numbers", "e^z - y z")}
OPTIMIZERS = {
    "signum": Optimizer(
        "W - rate sign(T), T = beta T + dW", ("momentum",), (Slot("trail", "T"),), signum, signum_scalars,
        textbook=signum_textbook,
    )
}
SCHEDULES = {"linear": Schedule("rate (1 - t / iterations)", lambda s, t: max(0.0, 1 - t / max(s.iterations, 1)))}
INITIALIZERS = {"tenth": Initializer("0.1 N(0, 1)", lambda inputs, units, scale: 0.1)}
FORMATS = {".size": Format("size", ".size", "the number of parameters", False, save, verify)}
CONDITIONS = {
    "rate_at_least": Condition(
        "number", "a learning rate of at least {}", lambda facts, wanted: facts.learning_rate >= wanted,
        controls=("training_pane",),
    )
}
BUILTIN = {"stripes": Builtin("stripes", "two sides of a line", "binary", "2-D", stripes, Defaults((4,), "tanh"))}
'''
SETTINGS: dict[str, Any] = {
    "data": {"source": "stripes"},
    "network": {"hidden": [6, 4], "activation": "softsign", "initializer": "tenth"},
    "training": {"optimizer": "signum", "schedule": "linear", "learning_rate": 0.02, "iterations": 200},
}


def imported(folder: Path) -> ModuleType:
    """The module with the entries, as a file of somebody's own."""
    path = folder / "entries.py"
    path.write_text(ENTRIES)
    spec = importlib.util.spec_from_file_location("entries_of_somebody", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Every entry in its registry, for one test."""
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    module = imported(tmp_path)
    registries: dict[str, Any] = {
        "ACTIVATIONS": ACTIVATIONS,
        "LOSSES": LOSSES,
        "OPTIMIZERS": OPTIMIZERS,
        "SCHEDULES": SCHEDULES,
        "INITIALIZERS": INITIALIZERS,
        "FORMATS": FORMATS,
        "CONDITIONS": CONDITIONS,
        "BUILTIN": BUILTIN,
    }
    for name, registry in registries.items():
        for key, entry in getattr(module, name).items():
            monkeypatch.setitem(registry, key, entry)
    return module


@dataclass(frozen=True)
class Trained:
    """A network with an added activation, initializer, optimizer and schedule, on an added data set."""

    dataset: Any
    trainer: Trainer
    costs: list[float]
    start: dict[str, Any]


@pytest.fixture
def trained(entries: ModuleType) -> Trained:
    experiment = Experiment.from_dict(SETTINGS)
    dataset = load(experiment.data)
    trainer = experiment.trainer(dataset)
    start = trainer.parameters
    costs = [event.cost for event in trainer.run() if isinstance(event, Progress)]
    return Trained(dataset, trainer, costs, start)


def test_it_trains_and_its_gradients_are_right(trained: Trained) -> None:
    assert trained.costs[-1] < 0.5 * trained.costs[0]
    assert trained.trainer.learning_rate == 0.0  # the schedule's last
    assert np.std(trained.start["W1"]) == pytest.approx(0.1, rel=0.6)
    part = trained.dataset.train
    assert check_gradients(trained.trainer.network, trained.trainer.parameters, part.X, part.Y).passed


def test_the_trainer_follows_the_textbook_form(trained: Trained) -> None:
    trainer = Experiment.from_dict(SETTINGS).trainer(trained.dataset)
    settings, textbook = trainer.training, OPTIMIZERS["signum"].textbook
    assert textbook is not None
    W = trainer.parameters
    memory = {name: {"T": np.zeros_like(value)} for name, value in W.items()}
    for t in range(1, 6):
        rate, grads = trainer.learning_rate, trainer.gradients(W)
        for name in W:
            W[name], memory[name] = textbook(W[name], grads[f"d{name}"], memory[name], rate, t, settings)
        trainer.advance(1)
    for name, value in trainer.parameters.items():
        np.testing.assert_allclose(value, W[name], rtol=1e-9, atol=1e-12)
    remembered = trainer.next_update().memory["T"]["W1"]
    np.testing.assert_allclose(remembered, memory["W1"]["T"], rtol=1e-9, atol=1e-12)


def test_explain_shows_its_numbers(trained: Trained) -> None:
    trainer, part = trained.trainer, trained.dataset.train
    X, Y = part.X[:, :3], part.Y[:, :3]
    rule = UpdateRule("signum", momentum=0.9, number=7, memory=trainer.next_update().memory)
    shown = trace(trainer.network, trainer.parameters, X, Y, 0.02, rule=rule)
    Z, A = shown.find("Z1").out.values, shown.find("A1").out.values
    np.testing.assert_allclose(A, Z / (1 + np.abs(Z)), rtol=1e-14)
    assert "softsign" in shown.find("A1").symbols
    T = 0.9 * rule.memory["T"]["W1"] + shown.find("dW1").out.values
    np.testing.assert_allclose(shown.find("T_W1_new").out.values, T, rtol=1e-14)
    new = trainer.parameters["W1"] - 0.02 * np.sign(T)
    np.testing.assert_allclose(shown.find("W1_new").out.values, new, rtol=1e-14)
    for operation in shown.operations:
        assert operation.numbers(0, 0)


def test_the_doctor_knows_that_it_saturates(trained: Trained) -> None:
    trainer, part = trained.trainer, trained.dataset.train
    network = NetworkSpec(2, (LayerSpec(5, "softsign"),), 1, "binary", "tenth")
    wild = {name: 500.0 * value for name, value in Trainer(network, TrainingSpec(), part.X, part.Y).parameters.items()}
    look = examine(network, wild, draw(network, trainer.training, part.X, part.Y))
    assert look.layers[0].saturated > 0.7
    record = TrainingRecord(network, trainer.training, facts(network, trainer.training, part.X, part.Y), (look,))
    assert isinstance(diagnose(record), list)


@pytest.mark.parametrize("suffix", [".npz", ".json", ".py", ".h", ".onnx", ".size"])
def test_it_is_exported_and_the_copy_agrees(suffix: str, trained: Trained, tmp_path: Path) -> None:
    if suffix == ".h" and shutil.which("gcc") is None:
        pytest.skip("needs a C compiler")
    if suffix == ".onnx":
        pytest.importorskip("onnxruntime")
    receipt = export(Model.of(trained.dataset, trained.trainer), tmp_path / f"model{suffix}")
    assert receipt.verified
    assert receipt.largest_difference is None or receipt.largest_difference < 1e-8


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if ACTIVATIONS[name].code])
def test_exported_python_has_the_code_of_the_entries(name: str) -> None:
    folder = Path(standalone.__path__[0])
    code = ACTIVATIONS[name].code
    assert code is not None
    assert f'if name == "{name}":\n            return {code.numpy}\n' in (folder / "numpy_outputs.py").read_text()
    assert f'"{name}": {code.torch},\n' in (folder / "torch_outputs.py").read_text()


def test_pytorch_gets_its_module(trained: Trained, tmp_path: Path) -> None:
    export(Model.of(trained.dataset, trained.trainer), tmp_path / "model.pt.py")
    assert '"softsign": torch.nn.Softsign(),' in (tmp_path / "model.pt.py").read_text()


def test_the_command_line_takes_all_of_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = "--activation softsign --initializer tenth --optimizer signum --iterations 50 --quiet --export net.size"
    assert main(["train", "stripes", *options.split()]) == 0
    assert (tmp_path / "net.size").read_text() == str(2 * 4 + 4 + 4 + 1)
    assert main(["datasets"]) == 0
    assert "stripes" in capsys.readouterr().out


def test_the_training_pane_offers_them() -> None:
    from deepnet_tui.widgets.panes.training import SETTINGS as OFFERED
    from deepnet_tui.widgets.panes.training import row

    offered = {entry.name: entry for entry in OFFERED}
    for setting, name in {"optimizer": "signum", "schedule": "linear", "initializer": "tenth"}.items():
        choices = row(offered[setting], name).choices
        assert choices is not None
        assert name in choices()
    activations = settings_of(LayerSpec)["activation"].choices
    assert activations is not None
    assert "softsign" in activations()


def test_a_lesson_can_wait_for_the_condition(tmp_path: Path) -> None:
    path = tmp_path / "lesson.toml"
    path.write_text(
        'title = "Faster"\n[experiment.data]\nsource = "stripes"\n'
        '[[step]]\ntext = "Raise the rate."\nuntil = { rate_at_least = 0.5 }\n'
    )
    assert read(path).step[0].until == {"rate_at_least": 0.5}


def test_the_estimator_takes_them(trained: Trained) -> None:
    part = trained.dataset.train
    model = DeepNetClassifier((6,), "softsign", solver="signum", learning_rate_init=0.01, random_state=1, max_iter=150)
    with pytest.warns(UserWarning, match="converged"):
        model.fit(part.X.T, part.Y[0])
    assert model.score(part.X.T, part.Y[0]) > 0.9


def test_a_loss_of_another_task_is_trained_and_explained() -> None:
    random = np.random.default_rng(0)
    X = random.normal(size=(2, 200))
    Y = random.poisson(np.exp(0.5 + X[:1] - 0.5 * X[1:])).astype(float)
    network = NetworkSpec(2, (), 1, "counts", "tenth")
    trainer = Trainer(network, TrainingSpec(learning_rate=0.1, iterations=400), X, Y)
    before = trainer.cost()
    *_, finished = trainer.run()
    assert finished.cost < before
    np.testing.assert_allclose(trainer.parameters["W1"], [[1.0, -0.5]], atol=0.1)  # the rates that were drawn from
    np.testing.assert_allclose(
        trainer.predict(X), activate("exponential", trainer.parameters["W1"] @ X + trainer.parameters["b1"])
    )
    assert check_gradients(network, trainer.parameters, X, Y).passed
    shown = trace(network, trainer.parameters, X[:, :2], Y[:, :2], 0.1)
    Z = shown.find("Z1").out.values
    np.testing.assert_allclose(shown.find("loss").out.values[0], losses("counts", Z, Y[:, :2]))
    assert shown.find("loss").numbers(0, 0)
    sample = draw(network, trainer.training, X, Y)
    look = examine(network, trainer.parameters, sample)
    assert look.recall == ()
    record = TrainingRecord(network, trainer.training, facts(network, trainer.training, X, Y), (look,))
    assert isinstance(diagnose(record), list)


VIEW = """
import asyncio, sys
from deepnet_tui.commands import views

views.VIEWS = (*views.VIEWS, views.ViewEntry("mine", "Mine", "A view of somebody", "view_of_somebody:Mine"))
from deepnet_tui.app import DeepnetApp


async def look():
    app = DeepnetApp("moons")
    async with app.run_test(size=(80, 24)) as pilot:
        while not app.workbench.ready or app.main.focused is None:
            await pilot.pause(0.01)
        await pilot.press(str(len(views.VIEWS)))
        while app.main.view is None or app.main.view.id != "view-mine":
            await pilot.pause(0.01)
        print(app.main.view.as_text())


asyncio.run(asyncio.wait_for(look(), 60))
"""
VIEW_MODULE = """
from deepnet_tui.widgets.base.view import View


class Mine(View, can_focus=True):
    def show(self, workbench):
        self.update = workbench.dataset.name

    def as_text(self):
        return "my own view"
"""


def test_a_view_is_opened_by_its_number(tmp_path: Path) -> None:
    """In a process of its own: the commands are made from the views when the app is imported."""
    (tmp_path / "view_of_somebody.py").write_text(VIEW_MODULE)
    path = os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH"))))
    ended = subprocess.run(
        [sys.executable, "-c", VIEW],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
        timeout=100,
    )
    assert ended.stdout.strip() == "my own view", ended.stderr
