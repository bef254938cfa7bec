"""What the app remembers from one session to the next: state.json beside config.toml.

Nothing depends on it: a file that is broken, foreign or can't be written is as good as none.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.paths import config_folder, is_file

LARGEST_FILE = 100_000


@dataclass(frozen=True)
class SessionState:
    """How somebody left the app.

    `theme` is the colour theme that was chosen, "" for none. `view` is the view beneath the chart, `side` the side that
    was seen where only one has room, `zoomed` the id of the pane that filled the screen, "" for none.
    `all_settings` says that the Training pane showed all settings. The last three are where borders were dragged to:
    columns of the design, and per cent of a height of the chart and of the Training pane, 0 as they begin.
    """

    theme: str = ""
    view: str = ""
    side: str = "watch"
    zoomed: str = ""
    all_settings: bool = False
    design_width: int = 0
    chart_share: int = 0
    training_share: int = 0


def state_file() -> Path:
    """Where it is kept."""
    return config_folder() / "state.json"


def read() -> SessionState:
    """What was remembered; values that can't be are left out."""
    with suppress(OSError, ValueError, RecursionError, InputError):
        path = state_file()
        if is_file(path) and path.stat().st_size <= LARGEST_FILE:
            raw = json.loads(path.read_text(encoding="utf-8"))
            return SessionState(**_usable(raw))
    return SessionState()


def write(state: SessionState) -> None:
    """Remember this, where that is possible."""
    from engine.storage.atomic import write_text_atomically

    with suppress(OSError, ValueError, InputError):
        path = state_file()
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(asdict(state), indent=1) + "\n"
        write_text_atomically(path, text)


def _usable(raw: Any) -> dict[str, Any]:
    kinds = {entry.name: type(entry.default) for entry in fields(SessionState)}
    values = raw if isinstance(raw, dict) else {}
    return {name: value for name, value in values.items() if type(value) is kinds.get(name)}
