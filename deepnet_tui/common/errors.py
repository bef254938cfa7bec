"""The errors that users see: one sentence, and the setting that it belongs to."""

from __future__ import annotations

from collections.abc import Iterable

from deepnet_tui.common.text import printable, shortened

LONGEST = 2_000  # letters of a sentence; names in it are cut before, so this is reached by malice only


class InputError(Exception):
    """Something that the user gave can't be used: one plain sentence says what, where, and what is allowed.

    `field` names the setting it belongs to, where there is one; the app shows the sentence beside that field,
    the command line prints it and ends with exit code 2. No control character of a file gets into the sentence,
    and no text of a file makes it endless.
    """

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(shortened(printable(message), LONGEST))
        self.field = field


class NoRowsError(InputError):
    """A table has a header, with these names, and no rows: too little to train on, and nothing to predict."""

    def __init__(self, path: object, names: Iterable[str]) -> None:
        super().__init__(f"{path} has a header but no rows", "source")
        self.names = tuple(names)
