"""Damage to files: what a bad disk, a cut transfer, a careless editor or a malicious sender does to bytes."""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
from collections.abc import Callable, Sequence
from copy import deepcopy
from random import Random
from typing import Any

LARGEST = 2_000_000  # bytes of a damaged file, so that time is bounded by the reader and not by its input
NUMBERS = (0, 1, 127, 128, 255, 256, 32767, 65535, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**63, 2**64 - 1)
TOKENS = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\r", b"\n\n", b'"', b"'", b'"""', b"\\", b",", b";",
    b"\t", b"[", b"]", b"{", b"}", b"=", b"nan", b"NaN", b"inf", b"-1", b"1e999", b"1e-999", b"null", b"true", b"#",
    b"\x1b[31m", b"\\u0000", b"\\ud800", "\u202e".encode(), b"../../etc/passwd", b"%s%n", b"PK\x03\x04", b"PAR1",
)  # fmt: skip
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, 10**400, -(10**30), 0.5, -0.0, 1e308, 5e-324, float("nan"),
    float("inf"), "", "a", "\x00", "\x1b]0;owned\x07", "\ud800", "\u202e", "1e999", "x" * 5000, "/", "..", [], {},
    [[]], [None], ["a", 1], {"a": None}, {"": {}}, [[[[[[1]]]]]], [1e308, -1e308], "moons", "state", [0] * 3000,
)  # fmt: skip


def damaged(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """The bytes after one to six changes, with pieces of `others` in it now and then."""
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        content = random.choice(CHANGES)(content, others, random)[:LARGEST]
    return content


def _place(content: bytes, random: Random) -> int:
    return random.randint(0, len(content)) if content else 0


def _block(content: bytes, random: Random) -> tuple[int, int]:
    start = _place(content, random)
    return start, min(len(content), start + random.choice((1, 2, 4, 8, 16, 64, 256, 1024)))


def _flip(content: bytes, _others: Sequence[bytes], random: Random) -> bytes:
    changed = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 8))):
        if changed:
            changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def _byte(content: bytes, _: Sequence[bytes], random: Random) -> bytes:
    place = _place(content, random)
    return content[:place] + bytes([random.choice((0, 1, 9, 10, 13, 32, 34, 127, 128, 255))]) + content[place + 1 :]


def _cut(content: bytes, _: Sequence[bytes], random: Random) -> bytes:
    place = _place(content, random)
    return content[:place] if random.random() < 0.8 else content[place:]


def _remove(content: bytes, _: Sequence[bytes], random: Random) -> bytes:
    start, end = _block(content, random)
    return content[:start] + content[end:]


def _repeat(content: bytes, _: Sequence[bytes], random: Random) -> bytes:
    start, end = _block(content, random)
    times = random.choice((1, 1, 2, 10, 1000))
    return content[:end] + content[start:end] * times + content[end:]


def _swap(content: bytes, _: Sequence[bytes], random: Random) -> bytes:
    start, end = _block(content, random)
    place = _place(content, random)
    piece, rest = content[start:end], content[:start] + content[end:]
    return rest[:place] + piece + rest[place:]


def _splice(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    other = random.choice(others) if others else content
    start, end = _block(other, random)
    place = _place(content, random)
    return content[:place] + other[start : max(end, start + random.randrange(512))] + content[place:]


def _token(content: bytes, _: Sequence[bytes], random: Random) -> bytes:
    place = _place(content, random)
    return content[:place] + random.choice(TOKENS) * random.choice((1, 1, 1, 3, 50)) + content[place:]


def _length(content: bytes, _: Sequence[bytes], random: Random) -> bytes:
    """Four or eight bytes become a number that no length should be."""
    kind = random.choice(("<I", ">I", "<Q", "<H"))
    written = struct.pack(kind, random.choice(NUMBERS) % 2 ** (8 * struct.calcsize(kind)))
    place = _place(content, random)
    return content[:place] + written + content[place + len(written) :]


def _digits(content: bytes, _: Sequence[bytes], random: Random) -> bytes:
    """A number that is written out becomes a huge, negative or odd one."""
    found = list(re.finditer(rb"\d+", content))
    if not found:
        return content
    start, end = random.choice(found).span()
    odd = (b"9" * random.choice((1, 18, 19, 20, 400, 5000)), b"-1", b"0", b"1e400", b"0x1F", b"", b"1_0", b"00", b"nan")
    return content[:start] + random.choice(odd) + content[end:]


def _nest(content: bytes, _: Sequence[bytes], random: Random) -> bytes:
    deep = random.choice((30, 500, 5000, 100_000))
    piece = random.choice((b"[" * deep, b"{" * deep, b'{"a":' * deep, b"[" * deep + b"]" * deep, b"a." * deep))
    place = _place(content, random)
    return content[:place] + piece + content[place:]


CHANGES: tuple[Callable[[bytes, Sequence[bytes], Random], bytes], ...] = (
    _flip, _flip, _byte, _byte, _cut, _remove, _repeat, _swap, _splice, _token, _token, _length, _length, _digits,
    _digits, _nest,
)  # fmt: skip


def in_place(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Some bytes are others, and everything stays where the file says that it is."""
    for _ in range(random.choice((1, 2, 4))):
        content = random.choice((_flip, _byte, _length))(content, others, random)[: len(content)]
    return content


def other_json(content: bytes, random: Random) -> bytes:
    """A JSON text with some of its values and names exchanged for odd ones; it stays JSON."""
    root = [json.loads(content)]
    for _ in range(random.choice((1, 1, 2, 4))):
        _change_value(root, random)
    return json.dumps(root[0]).encode("utf-8", "surrogatepass")


def _change_value(root: list[Any], random: Random) -> None:
    """Walk to a value somewhere beneath, and replace, remove or rename it."""
    place: Any = root
    key: Any = 0
    while isinstance(place[key], dict | list) and place[key] and random.random() < 0.85:
        place = place[key]
        key = random.choice(list(place)) if isinstance(place, dict) else random.randrange(len(place))
    kind = random.random()
    if kind < 0.7 or place is root:
        place[key] = deepcopy(random.choice(ODD))
    elif kind < 0.85:
        del place[key]
    elif isinstance(place, dict):
        place[random.choice(("", "a", "\x1b[0m", str(key) + "x", "x" * 3000))] = place.pop(key)
    else:
        place.extend(deepcopy(place[:1000]))


def other_member(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """A zip file, one member of which is damaged, gone, doubled or far larger; its checksums are right."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = random.choice(list(members))
    kind = random.random()
    if kind < 0.85:
        members[name] = damaged(members[name], others, random)
    elif kind < 0.9:
        del members[name]
    elif kind < 0.97:
        members[random.choice(("../../evil", "a.npy", "\x1b.xml", "x" * 3000))] = members[name]
    else:
        members[name] += bytes(30_000_000)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for each, text in members.items():
            archive.writestr(each, text)
    return made.getvalue()
