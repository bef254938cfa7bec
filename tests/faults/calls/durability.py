"""Whether what must survive a power failure is flushed in the right order, read off the calls of a pass."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.faults.calls.shim import Call

FLUSHES = ("fsync", "fdatasync")


def disorder(calls: Sequence[Call]) -> list[str]:
    """What is wrong: a file takes its name before its data are flushed, or its folder is not flushed afterwards."""
    said = []
    for number, call in enumerate(calls):
        if call.name not in ("rename", "exchange") or not call.path.endswith(".tmp"):
            continue
        written = [place for place, each in enumerate(calls[:number]) if each.name == "write" and _in(each, call.path)]
        for place in written:
            flushed = {each.path for each in calls[place:number] if each.name in FLUSHES}
            if calls[place].path not in flushed:
                said.append(f"{calls[place].path} takes the name {call.to} before its data are flushed")
        folder = str(Path(call.to).parent)
        if not any(each.name in FLUSHES and each.path == folder for each in calls[number:]):
            said.append(f"{folder} is not flushed after {call.to} has its name")
    return list(dict.fromkeys(said))


def _in(call: Call, path: str) -> bool:
    return call.path == path or call.path.startswith(f"{path}/")
