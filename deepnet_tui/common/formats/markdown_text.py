"""Text in Markdown, none of which is markup."""

from __future__ import annotations

import re
from html import escape

from deepnet_tui.common.text import printable

MARKUP = re.compile(r"([\\`*_{}\[\]|~$]|^[#+\-=]|(?<=^\d)[.)]|:(?=//)|(?<=\bwww)\.)")
"""What would be markup: signs that are so anywhere, those at the beginning of a line, and what makes a link."""


def plain(text: str) -> str:
    """A text whose signs stand for themselves, on one line."""
    return escape(MARKUP.sub(r"\\\1", printable(text)), quote=False)
