"""Python: one file that needs only NumPy (or PyTorch), put together from the parts in `standalone`."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import resources
from pathlib import Path

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.plane.transforms import TRANSFORMS
from deepnet_tui.export.activations import SOFTMAX_OUTPUT, code_of
from deepnet_tui.export.dates import year_first
from deepnet_tui.export.format import Format, Verification, agreed, broken
from deepnet_tui.export.model_json import model_to_json, to_text
from deepnet_tui.model import HALF, Model
from engine.ops.losses import LOSSES
from engine.spec import TASKS

SECONDS = 120
NO_TRANSFORMS = "TRANSFORMS: dict[str, Any] = {}"
LARGEST = 3_000_000  # parameters: Python takes about a gigabyte to read as many from its source
PLACE = "MODEL: dict[str, Any] = {}\nPARAMETERS: dict[str, Any] = {}\n"
TITLES = {
    "numpy_outputs": "A trained neural network, exported by deepnet-tui. It needs Python and NumPy.",
    "torch_outputs": "A trained neural network, exported by deepnet-tui. It needs Python, NumPy and PyTorch.",
}
USAGE = """
    from this_file import predict
    predict([{"column": value, ...}, ...])

or `python this_file.py data.csv` for predictions as CSV. MODEL holds the columns with their categories and
scaling, the labels, the version of the library and test vectors (`--check` runs them), PARAMETERS the numbers.
"""


def ready(path: Path) -> None:
    """Raise InputError for a name that Python, or NumPy in the same folder, would take for a module of its own."""
    name = path.name.removesuffix(".py")
    if name in sys.stdlib_module_names or name in ("numpy", "torch"):
        raise InputError(f"can't write {path}: Python would take it for its module {name}; choose another name", "path")


def check_size(size: int) -> None:
    """Raise InputError for more parameters than a file can hold."""
    if size > LARGEST:
        raise InputError(f"Python files hold at most {LARGEST:,} parameters, not {size:,}; use .npz", "format")


def _saver(part: str) -> Callable[[Model, Path], None]:
    def save(model: Model, path: Path) -> None:
        check_size(model.network.size)
        with path.open("w", encoding="utf-8") as file:
            file.write(f'"""{TITLES[part]}\n{USAGE}"""\n\nfrom __future__ import annotations\n')
            file.write(_outputs(part, model))
            file.write(_code("number_format", "deepnet_tui.data.values"))
            file.write(_code("text_header", "deepnet_tui.data.readers"))
            file.write(_code("table"))
            before, after = _with_threshold(_with_task(_rows(model), model), model).split(PLACE)
            file.write(before)
            # The text is data: JSON in ASCII, quoted by Python itself, so that no name in it can become code.
            file.write(f"MODEL = json.loads(\n    {to_text(model_to_json(model))!r}\n)\nPARAMETERS = {{\n")
            for name, value in model.parameters.items():
                file.write(f'    "{name}": [\n')
                file.writelines(f"        {row!r},\n" for row in value.tolist())
                file.write("    ],\n")
            file.write("}\n" + after)

    return save


def _rows(model: Model) -> str:
    """The text that predicts raw rows; of several targets a dictionary of values, and a column for each."""
    used = dict.fromkeys(each.kind for each in model.preparation.transforms)
    functions = ", ".join(f'"{kind}": lambda x, y=None: {TRANSFORMS[kind].python}' for kind in used)
    text = _code("rows").replace(NO_TRANSFORMS, NO_TRANSFORMS.replace("{}", "{" + functions + "}"), 1)
    if not model.further_targets:
        return text
    for one, several in (
        ('A number: {"prediction": (m,)}.', 'Numbers: {"prediction": {target: (m,)}}.'),
        ('{"prediction": target_values(A[0])}', '{"prediction": values_by_target(A)}'),
        ('writer.writerow(["prediction"])', "writer.writerow(header())"),
        ('([repr(float(value))] for value in found.get("prediction", []))', '(csv_rows(found.get("prediction", {})))'),
    ):
        text = text.replace(one, several, 1)
    before, prepare, after = text.partition("\n\ndef prepare(")
    return before + _code("several_targets").partition("import numpy as np\n")[2].rstrip("\n") + "\n" + prepare + after


def _outputs(part: str, model: Model) -> str:
    """The text that computes the outputs of the model."""
    text = _with_activations(_with_task(_code(part), model), part, model)
    text = _with_output(text, part, model)
    return text if model.network.ensemble == 1 else _with_members(text, part)


def _with_members(text: str, part: str) -> str:
    """The text of a part for one network with that for an ensemble of them, each function under a name of its own."""
    of_one, members = ("outputs", "numpy_members") if part == "numpy_outputs" else ("module", "torch_members")
    text = text.replace(f"def {of_one}(", f"def {of_one}_of_member(", 1)
    text, *rest = text.partition("\n\ndef outputs(")  # of PyTorch, which calls the module of the whole
    return "".join([text, _code(members), *rest])


def _with_threshold(text: str, model: Model) -> str:
    """The text with the threshold of the model in place of the most probable class, if it is not one half."""
    if model.threshold == HALF:
        return text
    return text.replace("probabilities.argmax(axis=1)", '(A[0] > MODEL["threshold"]).astype(int)')


def _with_activations(text: str, part: str, model: Model) -> str:
    """The text of a part with every activation of the model in it: those that it lacks are added from their entries."""
    used = dict.fromkeys(layer.activation for layer in model.network.layers if layer.activation != SOFTMAX_OUTPUT)
    added = [name for name in used if f'"{name}"' not in text]
    if part == "numpy_outputs":
        lines = [f'        if name == "{name}":\n            return {code_of(name).numpy}\n' for name in added]
        return text.replace("    raise ValueError(", "".join(lines) + "    raise ValueError(", 1)
    lines = [f'    "{name}": {code_of(name).torch},\n' for name in added]
    return text.replace("\n}\n", "\n" + "".join(lines) + "}\n", 1)


def _with_output(text: str, part: str, model: Model) -> str:
    """The text of a part with the output activation of a task or a loss that it does not know."""
    task, output = model.network.task, model.network.layers[-1].activation
    if output == SOFTMAX_OUTPUT or (task in TASKS and output == LOSSES[task].output):
        return text
    if part == "numpy_outputs":
        first, line = (
            '    if network["task"] == ',
            f'    if network["task"] == "{task}":\n        return activate("{output}", A)\n',
        )
    else:
        first, line = "    return torch.nn.Sequential(", f'    ends["{task}"] = ACTIVATIONS["{output}"]\n'
    return text.replace(first, line + first, 1)


def _with_task(text: str, model: Model) -> str:
    """The text with a task that it does not know in the place of the one whose labels are of the same kind."""
    task, labels = model.network.task, model.network.labels
    known = task if task in TASKS else next(name for name in TASKS if LOSSES[name].labels == labels)
    return text.replace(f'"{known}"', f'"{task}"')


def _code(part: str, package: str = "deepnet_tui.export.standalone") -> str:
    """The text of one part, without what makes it a module of this package."""
    text = (resources.files(package) / f"{part}.py").read_text(encoding="utf-8")
    text = text.partition("from __future__ import annotations\n")[2]
    text = re.sub(r"^from deepnet_tui\S* import (\([^)]*\)|.*)\n", "", text, flags=re.MULTILINE)
    return "\n".join(re.split("  # (?:noqa|type: )", line)[0] for line in text.splitlines()) + "\n"


def _verifier(needs: str, title: str) -> Callable[[Model, Path], Verification]:
    def verify(model: Model, path: Path) -> Verification:
        if model.test_vectors is None or not model.test_vectors.raw:
            return Verification(False, None, "the model has no test vectors")
        if importlib.util.find_spec(needs) is None:
            return Verification(False, None, f"{title} is not installed")
        try:
            ran = _python(str(path), "--check")
            if ran.returncode and (without := _python("-c", f"import {needs}")).returncode:
                return Verification(False, None, f"a new Python process can't import {title} ({_last_line(without)})")
        except subprocess.TimeoutExpired:
            return Verification(False, None, f"it did not finish within {SECONDS} seconds")
        except OSError as error:
            return Verification(False, None, f"Python could not be started ({error.strerror})")
        if ran.returncode:
            raise broken(path, f"it does not run: {_last_line(ran)}")
        difference = float(json.loads(ran.stdout)["largest_difference"])
        agreed(difference, model.test_vectors.outputs)
        return Verification(True, difference, f"run by {title} in a new process")

    return verify


def _python(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run Python apart from this process, its paths and its environment."""
    command = [sys.executable, "-I", "-X", "utf8", *arguments]
    return subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603


def _last_line(ran: subprocess.CompletedProcess[bytes]) -> str:
    said = ran.stderr.decode("utf-8", "replace").strip().splitlines()
    return said[-1] if said else "no message"


PYTHON = Format(
    "python",
    ".py",
    "Python, one file that needs only NumPy",
    False,
    _saver("numpy_outputs"),
    _verifier("numpy", "NumPy"),
    ready=ready,
    check_size=check_size,
    note=year_first,
)
PYTORCH = Format(
    "pytorch",
    ".pt.py",
    "PyTorch, a Python file that builds the nn.Module",
    False,
    _saver("torch_outputs"),
    _verifier("torch", "PyTorch"),
    check_size=check_size,
    note=year_first,
)
