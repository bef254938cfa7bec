"""What is wrong with an experiment, as one sentence."""

from __future__ import annotations

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.section import InvalidError
from deepnet_tui.common.text import did_you_mean
from deepnet_tui.data.settings import ColumnSettings, DataSettings
from deepnet_tui.experiment.network import SHARED, LayerSettings, NetworkSettings
from deepnet_tui.experiment.training import TrainingSettings
from engine.spec import SpecError

OPTIONS_ONLY = {"threshold": "the threshold is chosen by the option --threshold of train"}
SECTIONS = ("data", "network", "training", "search")


def explained(error: InvalidError, where: str) -> InputError:
    """What is wrong as one sentence that begins with `where`; its field is the key."""
    path = [str(step) for step in error.path]
    key = path[-1] if path else ""
    layer = f"hidden layer {int(path[2]) + 1}" if path[:2] == ["network", "hidden"] and path[3:] else ""
    place = layer or (f"[{'.'.join(path[:-1])}]" if path[:-1] else "the top level")
    start = f"{where}: " if where else ""
    if error.kind == "extra":
        keys = _allowed_keys(path[:-1])
        hint = OPTIONS_ONLY.get(key) or did_you_mean(key, keys)
        allowed = "; ".join(filter(None, (f"allowed are {', '.join(keys)}", hint)))
        return InputError(f"{start}{place} has no key {key!r}; {allowed}", key)
    if isinstance(error.cause, SpecError):
        return InputError(f"{start}{error.cause}", error.cause.field)
    if error.kind == "table":
        return InputError(f"{start}[{'.'.join(path)}] must be a table of settings, not {error.value!r:.60}", key)
    message = str(error).replace("Input should be", "must be").replace("valid ", "")
    message = (
        message.replace("a dictionary", "a table of settings")
        .replace("a integer", "a whole number")
        .replace("a tuple", "a list")
    )
    message = message.replace("greater than or equal to", "at least").replace("less than or equal to", "at most")
    message = message.replace("greater than", "more than")
    shown = repr(error.value)
    shown = shown if len(shown) < 60 else shown[:57] + "..."
    what = f"{key} of {layer}" if layer else ".".join(path)
    return InputError(f"{start}{what} {message}, not {shown}", key)


def _allowed_keys(path: list[str]) -> list[str]:
    """The keys that are allowed at a place in the file."""
    match path:
        case []:
            return list(SECTIONS)
        case ["data", "columns", _]:
            return list(ColumnSettings.model_fields)
        case ["network", "hidden", _]:
            return list(LayerSettings.model_fields)
        case ["network"]:
            return [*NetworkSettings.model_fields, *SHARED]
        case ["training"]:
            return list(TrainingSettings.model_fields)
        case _:
            return list(DataSettings.model_fields)
