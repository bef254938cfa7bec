"""Reading a TOML file that somebody wrote: whole, bounded, and with one sentence for whatever is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.paths import is_file


def read_toml(path: Path, kind: str, largest: int) -> dict[str, Any]:
    """The tables of the file at `path`. Raises InputError for none, one over `largest` bytes, and no valid TOML.

    `kind` says in messages what the file should be: "an experiment".
    """
    if not is_file(path):
        raise InputError(f"{path} is not a file")
    import tomllib

    try:
        if path.stat().st_size > largest:
            raise InputError(f"{path} is larger than {largest:,} bytes, too large for {kind}")
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path} is not UTF-8 text, which TOML must be: see line {line:,}") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"{path} is not valid TOML: {error}") from None
