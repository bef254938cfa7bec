"""What people say about a run: a name, a note, tags, a star. They are in the run's folder, in labels.json."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import quoted
from deepnet_tui.runs.lock import Lock, explained
from engine.storage.atomic import write_text_atomically

FILE = "labels.json"
LOCK = ".labels.lock"  # beside the runs' folders
PATIENCE = 5.0  # seconds to wait for another process that is writing labels
LONGEST_NAME, LONGEST_TAG, LONGEST_NOTE, MOST_TAGS = 100, 40, 10_000, 50


@dataclass(frozen=True)
class Labels:
    """`name` and `note` are "" where there is none; `tags` are in the order in which they were given."""

    name: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()
    star: bool = False

    @classmethod
    def of(cls, raw: Any) -> Labels:
        """Out of what a file holds; what is not of the right kind is left out."""
        if not isinstance(raw, dict):
            return NONE
        tags = raw.get("tags")
        return cls(
            name=_text(raw.get("name")),
            note=_text(raw.get("note")),
            tags=tuple(tag for tag in tags if isinstance(tag, str) and tag) if isinstance(tags, list) else (),
            star=raw.get("star") is True,
        )

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {**asdict(self), "tags": list(self.tags)}

    def named(self, name: str) -> Labels:
        """With this name, none for "". Raises InputError for one that is too long, or that means another run."""
        name = _checked(name, "name", LONGEST_NAME)
        if name == "last":
            raise InputError("last means the newest run, so no run can be called so; choose another name", "name")
        return replace(self, name=name)

    def noted(self, note: str) -> Labels:
        """With this note, none for "". Raises InputError for one that is too long."""
        return replace(self, note=_checked(note, "note", LONGEST_NOTE))

    def tagged(self, tags: Iterable[str]) -> Labels:
        """With these tags as well. Raises InputError for one that is empty or too long, and for too many."""
        checked = [_checked(tag, "tag", LONGEST_TAG) for tag in tags]
        if not all(checked):
            raise InputError("a tag must not be empty", "tag")
        every = tuple(dict.fromkeys([*self.tags, *checked]))
        if len(every) > MOST_TAGS:
            raise InputError(f"a run can have {MOST_TAGS} tags, these are {len(every)}", "tag")
        return replace(self, tags=every)

    def untagged(self, tags: Iterable[str]) -> Labels:
        """Without these tags."""
        gone = {tag.strip() for tag in tags}
        return replace(self, tags=tuple(tag for tag in self.tags if tag not in gone))

    def starred(self, star: bool) -> Labels:
        """With or without a star."""
        return replace(self, star=star)


NONE = Labels()


def read_labels(folder: Path) -> Labels:
    """The labels of the run in `folder`; a file that can't be used counts as none."""
    try:
        return Labels.of(json.loads((folder / FILE).read_bytes()))
    except (OSError, ValueError, RecursionError):
        return NONE


def change_labels(folder: Path, change: Callable[[Labels], Labels]) -> Labels:
    """Replace the labels of the run in `folder` by `change` of them, and give the new ones.

    Several processes may do so at once. Raises InputError where they can't be written, and what `change` raises.
    """
    busy = "can't be labelled: another process is writing labels"
    with explained(folder.name, "labelled", busy), _locked(folder.parent / LOCK):
        labels = change(read_labels(folder))
        text = json.dumps(labels.plain(), indent=1) + "\n"
        write_text_atomically(folder / FILE, text)
    return labels


def _locked(path: Path) -> AbstractContextManager[object]:
    """The lock, nothing on a system without locks. Raises Busy."""
    try:
        return Lock(path, PATIENCE)
    except OSError:
        return contextlib.nullcontext()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _checked(text: str, what: str, most: int) -> str:
    text = text.strip().encode("utf-8", "replace").decode()  # what a terminal could not decode has no place in a file
    if len(text) > most:
        raise InputError(f"a {what} must have at most {most:,} characters, {quoted(text, 20)} has {len(text):,}", what)
    return text
