"""What damaged files have shown once, each as the smallest file that did it."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path

import numpy as np
import pytest

from deepnet_tui import config
from deepnet_tui.common.errors import LONGEST, InputError
from deepnet_tui.experiment import Experiment
from deepnet_tui.export import export, load
from deepnet_tui.runs.export import run_rows, write_csv
from deepnet_tui.runs.follow import CostsFile
from deepnet_tui.runs.store import Store
from deepnet_tui.runs.writer import read_costs
from tests.deepnet_tui.data.readers.tables import npz_with, table_of
from tests.deepnet_tui.export.models import make
from tests.deepnet_tui.runs.many import make_runs
from tests.fuzz.model_files import load_model
from tests.fuzz.readers import READERS
from tests.fuzz.table_files import load_table

ENDLESS = "9" * 5000


def text_array(code: int) -> bytes:
    """An array of words, whose first letter has this number."""
    words = np.array(["ab", "cd", "ef"])
    words.view(np.uint32)[0] = code
    made = io.BytesIO()
    np.save(made, words)
    return made.getvalue()


@pytest.mark.parametrize("suffix", [".npy", ".npz"])
def test_letters_that_do_not_exist(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    for code in (0x110000, 0xFFFFFFFF):
        content = text_array(code)
        path.write_bytes(content if suffix == ".npy" else npz_with(content))
        with pytest.raises(InputError, match="letters that do not exist"):
            table_of(path)
    content = text_array(0xD800)
    path.write_bytes(content if suffix == ".npy" else npz_with(content))
    (column,) = table_of(path).columns.values()
    assert "\ufffdb" in list(column)


def test_a_model_with_letters_that_do_not_exist(tmp_path: Path) -> None:
    path = export(make(), tmp_path / "model.npz").path
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    arrays["model"].reshape(1).view(np.uint32)[3] = 0x110000
    np.savez(path, **arrays)
    with pytest.raises(InputError, match="letters that do not exist"):
        load(path)


@pytest.mark.parametrize(
    ("place", "change", "says"),
    [(2, {"words": []}, "a word for each of 0 and 1"), (6, {"shape": [2, 3]}, "")],
)
def test_models_that_do_not_hold_together(place: int, change: dict[str, object], says: str, tmp_path: Path) -> None:
    path = export(make(), tmp_path / "model.json").path
    document = json.loads(path.read_text())
    document["preparation"]["entries"][place] |= change
    document["test_vectors"]["raw"][1]["patch"] = [1.0, 2.0]
    path.write_text(json.dumps(document))
    with pytest.raises(InputError, match=says or "as many numbers in every row"):
        load_model(path)


@pytest.mark.parametrize(
    "text",
    [
        f"a,b,y\nx{'x' * 200_000}\n1,2,a\n3,4,b\n" * 2,
        "sepé\nsep=é\na,y\n1,b\n2,c\n",
        f"a,y\n{ENDLESS},b\n1,c\n2,b\n",
        f"a,y\n{ENDLESS[:400]},b\n1,c\n2,b\n",
    ],
)
def test_texts_are_a_table_or_a_sentence(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    try:
        load_table(tmp_path / "a.csv")
    except InputError as error:
        assert len(str(error)) <= LONGEST  # noqa: PT017


def test_a_separator_is_one_byte(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,y\n1,b\n2,c\n")
    with pytest.raises(InputError, match="one character of ASCII"):
        table_of(tmp_path / "a.csv", separator="é")


@pytest.mark.parametrize("text", ["a." * 100_000 + "b = 1", f"x = {ENDLESS}", "x = " + "[" * 50_000])
def test_toml_that_would_take_for_ever(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(text)
    for read in (Experiment.read, config.read):
        with pytest.raises(InputError, match="is not valid TOML"):
            read(path)


def test_a_heap_of_words_without_end(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["y"] = [b"a", b"b"] * 5
        file["x"] = np.arange(10.0)
        file["words"] = np.array(["one", "two"] * 5, dtype=h5py.string_dtype())
    content = bytearray(path.read_bytes())
    heap = content.index(b"GCOL")
    content[heap + 16 : heap + 32] = bytes(16)  # the first word takes no room, so that the second is the first
    path.write_bytes(content)
    with pytest.raises(InputError, match="the heap of words at byte"):
        table_of(path)


def test_numbers_without_end_in_a_stored_run(tmp_path: Path) -> None:
    make_runs(tmp_path, 2)
    folder = next(tmp_path.iterdir())
    about = json.loads((folder / "run.json").read_text())
    about |= {"cost": 10**400, "validation_cost": "low", "network": 7.5, "seconds": 10**400}
    about["metrics"]["validation"]["accuracy"] = 10**400
    (folder / "run.json").write_text(json.dumps(about))
    record = next(record for record in Store(tmp_path).list() if record.id == folder.name)
    assert record.cost == math.inf
    assert record.validation_cost is None
    READERS["run"].check(folder / "run.json")
    store = Store(tmp_path)
    write_csv(run_rows(store.list(), store.settings(store.list())), io.StringIO())


@pytest.mark.parametrize("line", ['{"iteration": 3, "cost": 1' + "0" * 400 + "}", "[" * 100_000, '{"iteration": "a"}'])
def test_reports_that_are_none(line: str, tmp_path: Path) -> None:
    make_runs(tmp_path, 1)
    folder = next(tmp_path.iterdir())
    first = (folder / "costs.jsonl").read_text().splitlines()[0]
    (folder / "costs.jsonl").write_text(f"{first}\n{line}\n{first}\n")
    assert len(read_costs(folder)) == 1
    assert len(CostsFile(folder).curve()) == 1


def test_damaged_searches(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    reader = READERS["search"]
    about = json.loads(reader.good()[0])
    changes: list[dict[str, object]] = [{"started": {}}, {"seed": "1"}, {"sampler": "os.system"}, {"trials": None}]
    for change in changes:
        path = reader.written(tmp_path, json.dumps(about | change).encode())
        with pytest.raises(InputError, match="none of the searches"):
            reader.check(path)
    reader.written(tmp_path, reader.good()[0])
    journal = READERS["search-journal"]
    (content,) = journal.good()
    for text in (b'{"op_code": 77}\n', b"[]\n", content.replace(b'"score": ', b'"score": [], "x": ', 1) + b"{}\n"):
        with pytest.raises(InputError, match=r"study.journal is damaged"):
            journal.check(journal.written(tmp_path, text))


def test_a_state_before_its_first_example() -> None:
    from engine.compiled.batching.batch_order import BatchOrder

    order = BatchOrder(10, 4, seed=1)
    order.restore({**order.state(), "position": -1})
    assert len(order.next()) == 4


def test_a_sentence_is_never_endless() -> None:
    assert len(str(InputError("x" * 50_000))) == LONGEST


def test_lessons_without_end(tmp_path: Path) -> None:
    from deepnet_tui.lessons.loader import read

    head = 'title = "t"\nabout = "a"\n[experiment.data]\nsource = "moons"\n'
    step = '[[step]]\ntitle = "s"\ntext = "x"\n'
    for text in (
        head + step * 1000,
        head.replace("moons", "x" * 5000) + step,
        head + step + f'until = {{explained = "Z{ENDLESS}"}}\n',
    ):
        (tmp_path / "a.toml").write_text(text)
        with pytest.raises(InputError, match=r"a\.toml"):
            read(tmp_path / "a.toml")


def test_an_iteration_without_end_in_a_stored_run(tmp_path: Path) -> None:
    make_runs(tmp_path, 2)
    folder = next(tmp_path.iterdir())
    about = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(about | {"iteration": 10**400}))
    assert len(Store(tmp_path).list()) == 1
