"""The one kind of error that people are told about."""

from __future__ import annotations


class InputError(Exception):
    """Something that the user gave can't be used: one plain sentence says what, where, and what is allowed.

    `field` names the setting it belongs to, where there is one; the app shows the sentence beside that field,
    the command line prints it and ends with exit code 2.
    """

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field
