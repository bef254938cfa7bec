"""Which path a run takes, when it changes, and what of it is kept."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import ACTIVATIONS, LayerSpec, NetworkSpec, SpecError, Trainer
from engine.compiled.native import choice, compiler
from engine.storage import state
from tests.engine.runs import assert_same, make, run
from tests.engine.strategies import make_data, small_net, spec


@pytest.fixture
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """The choice is made within milliseconds."""
    monkeypatch.setattr(choice, "PAYS_LOADING", 0.0)
    monkeypatch.setattr(choice, "LOOK", 1e-4)


@pytest.fixture
def _no_kernels(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A process that has loaded no kernel, and an empty cache."""
    for name in ("_kernels", "_failures", "_loading"):
        monkeypatch.setattr(compiler, name, {})
    monkeypatch.setenv("DEEPNET_COMPILED_CACHE", str(tmp_path))
    yield
    for thread in compiler._loading.values():
        thread.join()


def trainer_of(path: str | None, **more: Any) -> Trainer:
    net = small_net()
    return Trainer(net, spec(**{"iterations": 10**6, **more}), *make_data(net, 40, 1), engine=path)


@pytest.mark.usefixtures("_quickly")
def test_auto_goes_on_compiled_where_that_is_faster() -> None:
    pytest.importorskip("numba")
    compiler.load("float64")
    trainer, numpy = trainer_of("auto"), trainer_of("numpy")
    assert "too short" in str(trainer.path)
    trainer.advance(20_000)
    numpy.advance(20_000)
    (since, path), *_ = trainer.path.changes
    assert path == "compiled"
    assert 0 < since < 20_000
    assert str(trainer.path) == f"one compiled loop, since iteration {since:,}"
    assert trainer.describe().splitlines()[-1] == f"({trainer.path})"
    np.testing.assert_allclose(trainer.cost(), numpy.cost(), rtol=1e-12)


@pytest.mark.usefixtures("_quickly")
def test_auto_goes_back_where_numpy_is_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    kernel = compiler.load("float64")
    watch = iter(np.arange(10.0**6))  # a second passes between two looks at the clock, and 100 in the kernel

    def slow(*args: Any) -> None:
        kernel(*args)
        for _ in range(100):
            next(watch)

    monkeypatch.setitem(compiler._kernels, "float64", slow)
    monkeypatch.setattr("time.perf_counter", lambda: float(next(watch)))
    trainer = trainer_of("auto")
    for _ in range(30):
        trainer.advance(1)
    assert [path for _, path in trainer.path.changes] == ["compiled", "numpy"]
    assert str(trainer.path) == "NumPy calls: they are faster here than the compiled loop"


@pytest.mark.usefixtures("_quickly", "_no_kernels")
def test_where_it_cannot_be_compiled_numpy_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    monkeypatch.setattr(choice, "PAYS_COMPILING", 0.0)
    broken = subprocess.CompletedProcess([], 1, b"", b"Traceback\nOSError: no space left")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: broken)
    trainer = trainer_of("auto")
    trainer.advance(10)
    compiler._loading["float64"].join()
    trainer.advance(10)
    assert str(trainer.path) == "NumPy calls: the loop could not be compiled: OSError: no space left"
    waiting = trainer_of("compiled")
    waiting.advance(20)
    assert_same(waiting.parameters, trainer.parameters, 0)
    assert "no space left" in waiting.describe().splitlines()[-1]


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="users and modes of POSIX")
def test_a_folder_that_others_can_write_to_is_no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "cache" / "compiled"
    compiler.make_private(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o755)  # anybody may look
    compiler.make_private(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    (tmp_path / "link").symlink_to(folder)
    for opened, mode in ((folder, 0o770), (folder, 0o702), (folder.parent, 0o777)):
        before = opened.stat().st_mode
        opened.chmod(mode)
        for path in (folder, tmp_path / "link"):
            with pytest.raises(compiler.NoKernelError, match="others can write to"):
                compiler.make_private(path)
        opened.chmod(before)
    folder.parent.chmod(0o1777)  # as /tmp: names belong to whoever made them
    compiler.make_private(folder)
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    with pytest.raises(compiler.NoKernelError, match="belongs to another user"):
        compiler.make_private(folder)


@pytest.mark.usefixtures("_no_kernels")
def test_planted_code_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    folder = compiler.cache_folder()
    folder.mkdir()
    compiler.done_file("float64", folder).touch()
    folder.chmod(0o777)
    from engine.compiled.native.kernel import iterations

    monkeypatch.setattr(iterations, "load", lambda *_: pytest.fail("it was loaded"))
    trainer = trainer_of("compiled")
    trainer.advance(5)
    assert str(trainer.path) == f"NumPy calls: others can write to the folder {folder}; remove it"


def test_without_numba_everything_is_computed_by_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler, "installed", lambda: False)
    with pytest.raises(SpecError, match="compiled needs numba: pip install 'deepnet-tui\\[fast\\]'"):
        trainer_of("compiled")
    assert str(trainer_of("auto").path) == "NumPy calls: numba is not installed"
    with pytest.raises(SpecError, match="engine"):
        trainer_of("fast")


def test_what_the_kernel_does_not_know_is_computed_by_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler, "installed", lambda: True)
    monkeypatch.setitem(ACTIVATIONS, "own", ACTIVATIONS["tanh"])
    unknown = NetworkSpec(4, (LayerSpec(3, "own"),), 1)
    trainer = Trainer(unknown, spec(), *make_data(unknown, 20, 1), engine="compiled")
    trainer.advance(5)
    assert str(trainer.path) == "NumPy calls: the compiled loop does not know the activation own"
    assert str(trainer_of("compiled", optimizer="lbfgs").path) == "NumPy calls: lbfgs searches along lines"
    wide = NetworkSpec(500, (LayerSpec(3),), 1)
    many = Trainer(wide, spec(iterations=10**6), *make_data(wide, 20, 1), engine="auto")
    assert str(many.path) == "NumPy calls: the Gram matrix of the examples saves more"


@pytest.mark.parametrize("more", [{}, {"batch_size": 16, "optimizer": "adam", "schedule": "cosine"}])
@pytest.mark.parametrize("members", [1, 3])
def test_a_compiled_run_resumes_bit_for_bit(members: int, more: dict[str, Any], tmp_path: Path) -> None:
    pytest.importorskip("numba")
    net = NetworkSpec(4, (LayerSpec(6, "tanh", 0.2), LayerSpec(3)), 1, "binary", "he", ensemble=members)
    data = make_data(net, 45, 1)
    whole, half = (Trainer(net, spec(**more), *data, engine="compiled") for _ in range(2))
    run(whole)
    half.advance(23)
    state.save(tmp_path / "state.npz", half.state())
    again = Trainer.from_state(state.load(tmp_path / "state.npz"), *data, engine="auto")
    assert str(again.path) == "one compiled loop"
    assert again.path.note == ""
    run(again)
    assert_same(again.parameters, whole.parameters, 0)


def test_in_pieces_it_is_the_same_bit_for_bit() -> None:
    pytest.importorskip("numba")
    whole, pieces = (trainer_of("compiled", batch_size=7, optimizer="nesterov") for _ in range(2))
    whole.advance(60)
    for n in (1, 5, 0, 54):
        pieces.advance(n)
    assert_same(pieces.parameters, whole.parameters, 0)


def test_a_state_of_the_compiled_path_goes_on_without_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    trainer, numpy = trainer_of("compiled"), trainer_of("numpy")
    trainer.advance(20)
    numpy.advance(30)
    saved = trainer.state()
    monkeypatch.setattr(compiler, "installed", lambda: False)
    again = Trainer.from_state(saved, *make_data(small_net(), 40, 1), engine="auto")
    assert again.path.note == (
        "the run was trained in a compiled loop and goes on in NumPy calls: numba is not installed"
    )
    again.advance(10)
    assert_same(again.parameters, numpy.parameters, 1e-12)
    assert again.path.changes == [(0, "compiled"), (20, "numpy")]


def test_a_state_of_numpy_says_nothing_of_paths() -> None:
    trainer = make()
    trainer.advance(5)
    assert "paths" not in state.unpack(trainer.state()).numbers
