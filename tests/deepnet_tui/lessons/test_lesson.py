"""Lesson files: what is valid, and the message for what is not."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepnet_tui.cli import main
from deepnet_tui.common.errors import InputError
from deepnet_tui.lessons.conditions import CONDITIONS
from deepnet_tui.lessons.facts import Facts
from deepnet_tui.lessons.lesson import Lesson, Step
from deepnet_tui.lessons.library import FOLDER, LESSONS, find
from deepnet_tui.lessons.loader import read
from deepnet_tui.lessons.progress import LessonProgress

GOOD = """
title = "A teacher's own"
hide = ["export", "training_pane"]
[experiment.data]
source = "xor"
[[step]]
text = "Train."
press = "space"
show = "cost"
until = { iteration = 10, cost_below = 0.9 }
[[step]]
text = "Which?"
[step.experiment.training]
learning_rate = 0.5
[step.question]
choices = ["this", "that"]
answer = 2
"""

STEP = 'title = "a"\n[[step]]\ntext = "b"\n'
ASKS = f"{STEP}[step.question]\n"
BAD = [
    (
        f'{STEP[:-4]}"{"word " * 139}"\npress = "{"k" * 100}"\nuntil = {{ iteration = 9, check_run = true }}',
        "step 1, text: beside what to press and to wait for 8 lines of 76 characters fit, not 10",
    ),
    (f"x = 1\n{STEP}", "x: there is no such field; allowed are title, about, hide, experiment, step"),
    ('[[step]]\ntext = "b"', "title is missing"),
    ('titel = "a"\n[[step]]\ntext = "b"', "titel: there is no such field; did you mean title?"),
    ('title = "a"\n[[step]]\ntxet = "b"', "step 1, txet: there is no such field; did you mean text?"),
    (f"{STEP}[step.question]\nchoice = []", "step 1, question, choice: there is no such field; did you mean choices?"),
    ('title = "a"', "step is missing"),
    ('title = "a"\nstep = []', "step is empty"),
    ('title = "a"\nstep = [3]', "step 1 must be a table, not 3"),
    ('title = 3\n[[step]]\ntext = "b"', "title must be text in quotes, not 3"),
    (f'{STEP}[[step]]\npress = "c"', "step 2, text is missing"),
    ('title = "a"\n[[step]]\ntext = ""', "step 1, text is empty"),
    (f'title = "a"\n[[step]]\ntext = "{"b" * 701}"', "step 1, text is too long; at most 700 characters fit"),
    (f'{STEP}colour = "red"', "step 1, colour: there is no such field; allowed are text, press"),
    (f'{STEP}show = "moon"', "step 1, show: 'moon' is unknown; choose one of cost, design, parameters"),
    (f'{STEP}bug = "moth"', "step 1, bug: 'moth' is unknown; choose one of no_mean"),
    (f"{STEP}until = {{ noon = 12 }}", "step 1, until: 'noon' is unknown; choose one of iteration"),
    (f'{STEP}until = {{ iteration = "x" }}', "step 1, until, iteration: must be a whole number from 0, not 'x'"),
    (f"{STEP}until = {{ diverged = 1 }}", "step 1, until, diverged: must be true, not 1"),
    (f"{STEP}until = {{ view = 2 }}", "step 1, until, view: must be a word in quotes, not 2"),
    (f"{STEP}until = {{ answered = true }}", "step 1, until, answered: there is no question"),
    (f"{STEP}until = 5", "step 1, until must be a table, not 5"),
    (f'hide = ["moon"]\n{STEP}', "hide: 'moon' is unknown; choose one of train"),
    (f'{ASKS}choices = ["c"]\nanswer = 1', "step 1, question, choices has too few entries"),
    (f'{ASKS}choices = ["c", "d"]\nanswer = 3', "step 1, question, answer: 3 is not the number of a choice"),
    (f"{STEP}{STEP[12:]}[step.experiment.training]\nlearning_rate = -1", "step 2, experiment: learning_rate must be"),
    (f'{STEP}[experiment.network]\ninitializer = "best"', "experiment: initializer 'best' is unknown"),
    ('title = "a', "is not valid TOML"),
    *(
        (f"{STEP}until = {{ iteration = {bad} }}", "step 1, until, iteration: must be a whole number from 0")
        for bad in ("nan", "inf", "-1", "2.5", "true")
    ),
    *(
        (f"{STEP}until = {{ cost_below = {bad} }}", "step 1, until, cost_below: must be")
        for bad in ("nan", "inf", "-1", "0")
    ),
    (f"{STEP}until = {{ layers = 2.5 }}", "step 1, until, layers: must be a whole number from 0, not 2.5"),
    (f"{STEP}until = {{ dropout_above = 1.0 }}", "step 1, until, dropout_above: must be below 1, not 1.0"),
    (f"{STEP}until = {{ l2_above = -1 }}", "step 1, until, l2_above: must be above"),
    (
        f'{STEP}until = {{ view = "nonsense" }}',
        "step 1, until, view: 'nonsense' is unknown; choose one of cost, design",
    ),
    (
        f'{STEP}until = {{ operation_seen = "Q7" }}',
        "step 1, until, operation_seen: 'Q7' is unknown; choose one of Z, A",
    ),
    (
        f'{STEP}until = {{ operation_seen = "dW9" }}',
        "step 1, until, operation_seen: 'dW9' does not exist; the network has 3",
    ),
    (f'{STEP}until = {{ initializer = "hee" }}', "step 1, until, initializer: 'hee' is unknown; choose one of"),
    (f'{STEP}until = {{ activation = "rlu" }}', "step 1, until, activation: 'rlu' is unknown; choose one of"),
    (f'{STEP}until = {{ optimizer = "adm" }}', "step 1, until, optimizer: 'adm' is unknown; choose one of"),
    (f'{STEP}until = {{ source = "sdf" }}', "step 1, until, source: 'sdf' is unknown; choose one of"),
    (
        f"{STEP}until = {{ iteration = 999999 }}",
        "step 1, until, iteration: 999,999 is never reached; the training ends at",
    ),
    (
        f"{STEP}until = {{ validation_below = 0.5 }}\n[experiment.data]\nvalidation = 0.0",
        "until, validation_below: there is no validation",
    ),
    ('title = " "\n[[step]]\ntext = "b"', "title is empty"),
    ('title = "a"\n[[step]]\ntext = """\n \n"""', "step 1, text is empty"),
    (f'{ASKS}choices = ["c", " "]\nanswer = 1', "step 1, question, choices is empty"),
    (f'hide = ["view_picture"]\n{STEP}show = "picture"', "step 1, show: 'picture' is hidden by this lesson"),
    (f'hide = ["view_picture"]\n{STEP}until = {{ view = "picture" }}', "step 1, until, view: 'picture' is hidden"),
    (f'hide = ["view_explain"]\n{STEP}until = {{ check_run = true }}', "step 1, until, check_run: 'explain' is hidden"),
    (f'hide = ["data_pane", "architecture_pane", "training_pane"]\n{STEP}show = "design"', "'design' is hidden"),
    (f'hide = ["design"]\n{STEP}show = "design"', "'design' is hidden by this lesson"),
    (
        f'{STEP}[experiment.data]\nsource = "nope"',
        "experiment, data, source: 'nope' is no file and no built-in data set",
    ),
    (f'{STEP}[experiment.data]\ntest = "nope.csv"', "experiment, data, test: 'nope.csv' is no file"),
    (f'{STEP}[step.experiment.data]\nsource = "nope"', "step 1, experiment, data, source: 'nope' is no file"),
    ('title = "a"\n[[step]]\ntext = "a\\u001b[2Jb"', "step 1, text: the control character '\\x1b' is not allowed"),
    (f'{STEP}press = "a\\nb"', "step 1, press: the control character '\\n' is not allowed"),
    (f'{STEP}"a\\u001b" = 1', "step 1: the control character '\\x1b' is not allowed"),
    (
        f'{STEP[:-4]}"{"word " * 139}"\n[step.question]\nchoices = ["a", "b", "c", "d", "e", "f"]\nanswer = 1',
        "step 1, text: beside 6 choices and what is said to them 4 lines of 76 characters fit, not 10",
    ),
    (
        f'hide = ["data", "open"]\n{STEP}until = {{ source = "xor" }}',
        "step 1, until, source: data and open are hidden by this lesson, and nothing else leads to it",
    ),
    (
        f'hide = ["training_pane", "open"]\n{STEP}until = {{ learning_rate_above = 2 }}',
        "step 1, until, learning_rate_above: training_pane and open are hidden by this lesson",
    ),
    (
        f'hide = ["design", "open"]\n{STEP}until = {{ optimizer = "momentum" }}',
        "step 1, until, optimizer: training_pane and open are hidden by this lesson",
    ),
    (
        f'hide = ["train", "step", "step_report"]\n{STEP}press = "space"\nuntil = {{ iteration = 500 }}',
        "step 1, until, iteration: train and step and step_report are hidden by this lesson",
    ),
    (f'hide = ["view_health"]\n{STEP}press = "{{view_health}}"', "step 1, press: 'view_health' is hidden by this"),
    (f'hide = ["view_health"]\n{STEP}press = "{{remedy}}"', "step 1, press: 'remedy' is hidden by this lesson"),
    (f'{STEP}hide = ["view_health"]\npress = "{{view_health}}"', "step 1, press: 'view_health' is hidden by this"),
    (f'{STEP}hide = ["moon"]', "step 1, hide: 'moon' is unknown; choose one of train"),
    (f'{STEP}press = "{{trainn}}"', "step 1, press: there is no command 'trainn'; did you mean train?"),
    (f'{STEP}press = "{{qqqq}}"', "step 1, press: there is no command 'qqqq'; docs/keys.md names them"),
    (f'{STEP}press = "{{train"', "step 1, press: a { has no }"),
    (f'{STEP}press = "train}}"', "step 1, press: a } has no {"),
    (f'{STEP[:-4]}"{{trainn}}"', "step 1, text: there is no command 'trainn'"),
    (
        f'{ASKS}choices = ["c", "d"]\nanswer = 1\nright = "{{nn}}"',
        "step 1, question, right: there is no command 'nn'",
    ),
    (
        f'{ASKS}choices = ["c", "{"d" * 75}"]\nanswer = 1',
        "step 1, question, choices: 'dddddddddddddddddddd'… is longer than 74",
    ),
]


def written(folder: Path, text: str) -> Path:
    path = folder / "lesson.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_file_is_read(tmp_path: Path) -> None:
    lesson = read(written(tmp_path, GOOD))
    assert [step.text for step in lesson.step] == ["Train.", "Which?"]
    first, second = lesson.experiment_at(0), lesson.experiment_at(1)
    assert first is not None
    assert second is not None
    assert first.data.source == second.data.source == "xor"
    assert second.training.learning_rate == 0.5
    assert lesson.step[1].waits_for == {"answered": True}


ALLOWED = [
    f'hide = ["data", "open"]\n{STEP}until = {{ source = "xor" }}\n[experiment.data]\nsource = "xor"',
    f'hide = ["training_pane", "open"]\n{STEP}until = {{ l2_above = 0.5 }}\n[step.experiment.training]\nl2 = 1.0',
    f'hide = ["data"]\n{STEP}until = {{ source = "xor" }}',
    f'hide = ["train", "step"]\n{STEP}until = {{ iteration = 5 }}',
    f'hide = ["train", "step", "step_report"]\n{STEP}until = {{ iteration = 0 }}',
    f'{STEP[:-4]}"the set {{1, 2}}, its element {{x}}, the set {{{{1}}}} and {{10}}"',
    f'hide = ["view_health"]\n{STEP[:-4]}"{{view_health}} does nothing here"',
]


@pytest.mark.parametrize("text", ALLOWED)
def test_reachable_conditions_are_accepted(text: str, tmp_path: Path) -> None:
    assert read(written(tmp_path, text)).step


@pytest.mark.parametrize(("text", "said"), BAD)
def test_a_bad_file_gets_a_one_line_message(text: str, said: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith(f"{path}")
    assert said in message
    assert "\n" not in message
    assert "pydantic" not in message


def test_data_files_are_relative_to_the_lesson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    (tmp_path / "mine.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    data = 'source = "mine.csv"\n'
    lesson = read(written(tmp_path, f"{STEP}[step.experiment.data]\n{data}[experiment.data]\n{data}"))
    first = lesson.experiment_at(0)
    assert first is not None
    assert first.data.source == str(tmp_path / "mine.csv")


@pytest.mark.parametrize("make", ["folder", "pipe", "binary", "large", "missing"])
def test_a_file_that_is_not_a_lesson_is_refused(make: str, tmp_path: Path) -> None:
    path = tmp_path / "lesson.toml"
    if make == "folder":
        path.mkdir()
    elif make == "pipe":
        os.mkfifo(path)
    elif make == "binary":
        path.write_bytes(b"\xff\xfe\x00")
    elif make == "large":
        path.write_bytes(b"#" * 1_000_001)
    with pytest.raises(InputError, match=str(path)):
        read(path)


def test_text_that_is_not_utf_8_is_reported_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "lesson.toml"
    path.write_bytes(b'title = "a"\n[[step]]\ntext = "\xe9"\n')
    with pytest.raises(InputError, match="is not UTF-8 text, which TOML must be: see line 3"):
        read(path)


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from([*Lesson.model_fields, *Step.model_fields, "choices", "answer", "data"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_every_bad_file_raises_input_error(tmp_path_factory: pytest.TempPathFactory, raw: object) -> None:
    import tomli_w

    try:
        text = tomli_w.dumps(
            {"title": "a", "step": raw} if not isinstance(raw, dict) else {"title": "a", "step": [raw]}
        )
    except (TypeError, ValueError, AttributeError):
        return
    path = written(tmp_path_factory.mktemp("lesson"), text)
    with contextlib.suppress(InputError):
        read(path)


def test_every_lesson_in_the_folder_is_listed() -> None:
    assert sorted(LESSONS) == sorted(path.stem for path in FOLDER.glob("*.toml"))
    for name in LESSONS:
        assert len(find(name).step) > 3


def test_a_step_waits_and_stays_done() -> None:
    lesson = Lesson.model_validate(
        {
            "title": "a",
            "step": [
                {"text": "b", "until": {"iteration": 5}},
                {"text": "c"},
                {"text": "d", "until": {"finished": True}},
            ],
        }
    )
    progress = LessonProgress(lesson)
    assert progress.missing(Facts(iteration=4)) == ["iteration 5"]
    assert not progress.update(Facts(iteration=4))
    assert not progress.on()
    assert progress.update(Facts(iteration=5))
    assert progress.done
    assert not progress.update(Facts(iteration=6)), "told once"
    assert progress.on()
    assert progress.done, "nothing to wait for"
    assert progress.back()
    assert progress.done
    assert progress.on()
    assert progress.on()
    assert progress.last
    assert not progress.on()


def test_the_first_next_warns_and_the_second_skips() -> None:
    progress = LessonProgress(
        Lesson.model_validate({"title": "a", "step": [{"text": "b", "until": {"diverged": True}}, {"text": "c"}]})
    )
    assert not progress.on()
    assert progress.number == 0
    assert progress.on()
    assert progress.number == 1
    assert progress.back()
    assert not progress.back()


HOLDS: dict[str, tuple[object, Facts, Facts]] = {  # wanted, facts where it holds, facts where it does not
    "iteration": (10, Facts(iteration=10), Facts(iteration=9)),
    "cost_below": (0.5, Facts(cost=0.4), Facts(cost=0.5)),
    "cost_above": (0.5, Facts(cost=0.6), Facts(cost=None)),
    "validation_below": (0.5, Facts(validation_cost=0.4), Facts(validation_cost=None)),
    "validation_above": (0.5, Facts(validation_cost=0.6), Facts(validation_cost=0.5)),
    "initializer": ("he", Facts(initializer="he"), Facts(initializer="small")),
    "optimizer": ("adam", Facts(optimizer="adam"), Facts(optimizer="gd")),
    "activation": ("relu", Facts(activations=frozenset({"relu"})), Facts(activations=frozenset({"relu", "tanh"}))),
    "source": ("moons", Facts(source="moons"), Facts(source="xor")),
    "layers": (2, Facts(hidden=(3, 4)), Facts(hidden=(3,))),
    "learning_rate_above": (0.1, Facts(learning_rate=0.2), Facts(learning_rate=0.1)),
    "learning_rate_below": (0.1, Facts(learning_rate=0.05), Facts(learning_rate=0.1)),
    "l2_above": (0.0, Facts(l2=0.1), Facts(l2=0.0)),
    "dropout_above": (0.0, Facts(dropout=0.1), Facts()),
    "view": ("explain", Facts(view="explain"), Facts(view="cost")),
    "operation_seen": ("dW", Facts(seen=frozenset({"dW", "dW2"})), Facts(seen=frozenset({"Z1"}))),
    "guess_made": (True, Facts(seen=frozenset({"guess"})), Facts()),
    "check_run": (True, Facts(checks=(False,)), Facts()),
    "check_passed": (True, Facts(checks=(False, True)), Facts(checks=(False,))),
    "check_failed": (True, Facts(checks=(True, False)), Facts()),
    "resting": (True, Facts(state="paused", iteration=3), Facts(state="training", iteration=3)),
    "finished": (True, Facts(state="finished"), Facts(state="paused")),
    "diverged": (True, Facts(state="diverged"), Facts(state="finished")),
    "answered": (True, Facts(answered=True), Facts()),
    "accuracy_above": (0.9, Facts(accuracy=0.95), Facts(accuracy=0.9)),
    "validation_accuracy_above": (0.9, Facts(validation_accuracy=0.95), Facts(accuracy=0.95)),
    "batch_size_below": (33, Facts(batch_size=32), Facts(batch_size=None)),
    "compared": (300, Facts(compared=300), Facts(iteration=300)),
    "folds_done": (True, Facts(folds=True), Facts()),
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_condition_holds_only_when_it_should(name: str) -> None:
    wanted, yes, no = HOLDS[name]
    assert CONDITIONS[name].holds(yes, wanted)
    assert not CONDITIONS[name].holds(no, wanted)
    assert CONDITIONS[name].text.format(wanted)


def test_learn_lists_the_lessons(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["learn"]) == 0
    out = capsys.readouterr().out
    for name in LESSONS:
        assert f"\n{name} " in f"\n{out}"
        assert find(name).title in out


def test_learn_reports_a_bad_lesson(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["learn", "nothing"]) == 2
    assert "there is no lesson 'nothing'; choose one of tutorial, stuck" in capsys.readouterr().err
    path = written(tmp_path, 'title = "a"\n[[step]]\ntext = "b"\nuntil = { noon = 12 }')
    assert main(["learn", str(path)]) == 2
    err = capsys.readouterr().err
    assert f"{path}: step 1, until: 'noon' is unknown" in err
    assert err.count("\n") == 1


def test_lessons_are_read_without_textual() -> None:
    code = "import sys; from deepnet_tui.lessons.library import find; find('bug'); sys.exit('textual' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_nearest_lesson_is_named() -> None:
    with pytest.raises(InputError, match="there is no lesson 'stuk'; did you mean stuck; choose one of"):
        find("stuk")
