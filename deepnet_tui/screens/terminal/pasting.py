"""What is pasted where nothing is typed: it never runs keys. A path or a table is offered as data."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.paths import data_folder, is_file, user_path
from deepnet_tui.common.text import counted, printable
from deepnet_tui.screens.dialogs.dialog import Confirm

if TYPE_CHECKING:
    from deepnet_tui.screens.main import MainScreen

DELIMITERS = {"\t": ".tsv", ",": ".csv", ";": ".csv"}
LEAST_LINES, LOOK_AT = 3, 20
NOTHING = "Pasted text runs no keys; a table or the path of a file that is pasted here is opened as data"


class PastedTable(NamedTuple):
    """The lines of a table, and the ending of the file that they make."""

    lines: list[str]
    suffix: str


def pasted_file(text: str) -> Path | None:
    """The file whose path the text is, as a terminal writes it when a file is dropped on it; None if it is none."""
    words = text.strip()
    if not words or "\n" in words or len(words) > 4096:
        return None
    if words.startswith("file://"):
        words = unquote(urlsplit(words).path)
    for path in (words, words.strip("'\""), words.replace("\\ ", " ")):
        try:
            if is_file(user_path(path)):
                return user_path(path)
        except (InputError, ValueError):
            continue
    return None


def pasted_table(text: str) -> PastedTable | None:
    """The text as a table: some lines with the same number of the same delimiter; None if it is none."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line.strip()]
    if len(lines) < LEAST_LINES:
        return None
    for delimiter, suffix in DELIMITERS.items():
        counts = {line.count(delimiter) for line in lines[:LOOK_AT]}
        if len(counts) == 1 and counts.pop() > 0:
            return PastedTable(lines, suffix)
    return None


def take_paste(screen: MainScreen, text: str) -> None:
    """Open what was pasted on the main screen, if it is data; say that nothing happens, if it is not."""
    file, table = pasted_file(text), pasted_table(text)
    if (file is not None or table is not None) and screen.must_pause_first("paste data"):
        return
    if file is not None:
        screen.say(f"Opening {printable(file.name)}")
        screen.services.data.load(str(file))
    elif table is not None:
        question = f"Open the {counted(len(table.lines), 'pasted line')} as data?"

        def answered(yes: bool | None) -> None:
            if yes:
                _open_table(screen, table)

        screen.app.push_screen(Confirm("Paste", question, "open", "leave it"), answered)
    else:
        screen.say(NOTHING)


def _open_table(screen: MainScreen, table: PastedTable) -> None:
    folder = data_folder() / "pasted"
    path = folder / f"pasted-{time.strftime('%Y%m%d-%H%M%S')}{table.suffix}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(table.lines) + "\n", encoding="utf-8")
    except OSError as error:
        screen.warn(f"{path} can't be written: {error.strerror}")
    else:
        screen.services.data.load(str(path))
