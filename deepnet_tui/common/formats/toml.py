"""Reading a TOML file that somebody wrote: whole, bounded, and with one sentence for whatever is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.paths import is_file

MOST_DOTS = 1_000  # in a line


def read_toml(path: Path, kind: str, largest: int) -> dict[str, Any]:
    """The tables of the file at `path`. Raises InputError for none, one over `largest` bytes, and no valid TOML.

    `kind` says in messages what the file should be: "an experiment".
    """
    if not is_file(path):
        raise InputError(f"{path} is not a file")
    try:
        if path.stat().st_size > largest:
            raise InputError(f"{path} is larger than {largest:,} bytes, too large for {kind}")
        return parsed(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path} is not UTF-8 text, which TOML must be: see line {line:,}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not valid TOML: {error}") from None


def parsed(text: str) -> dict[str, Any]:
    """The tables in the text. Raises ValueError and RecursionError for text that is none, or made to take for ever."""
    import tomllib

    if any(line.count(".") > MOST_DOTS for line in text.split("\n")):  # of a name, each takes as long as all before
        raise ValueError(f"a line has more than {MOST_DOTS:,} dots")
    return tomllib.loads(text)
