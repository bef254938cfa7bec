"""Who may come in: the token, the cookie that stands for it, and which names and pages a request may come from."""

from __future__ import annotations

import hmac
import ipaddress
import os
import secrets
import socket
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.listening import host_of
from deepnet_tui.common.paths import user_path

VARIABLE = "DEEPNET_TUI_TOKEN"
SHORTEST = 12  # letters of a token that somebody chooses
LARGEST_FILE = 1_000


@dataclass(frozen=True)
class Access:
    """`token` is None where all who reach the address may come in. `hosts` are the names by which the server may be
    asked, beside numbers; `public` is the address that visitors see where that is another one, behind a proxy.
    """

    token: str | None
    hosts: frozenset[str]
    any_number: bool = False
    public: str | None = None
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    def knows_host(self, given: str) -> bool:
        """Whether a Host header is a name of this server. A web page elsewhere can let its own name lead here
        (DNS rebinding), but it can't have the name of another, nor a number."""
        name = host_of(given)
        return name in self.hosts or (self.any_number and _is_number(name))

    def knows_origin(self, origin: str | None, host: str) -> bool:
        """Whether a page that opens a WebSocket came from this server; browsers always say where a page is from."""
        if not origin:
            return False
        if self.public is not None and hmac.compare_digest(origin.lower(), self.public):
            return True
        parts = urlsplit(origin)
        return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()

    def admits(self, cookie: str | None) -> bool:
        """Whether the cookie is the one that was given for the token."""
        return self.token is None or (cookie is not None and _same(cookie, self.cookie))

    def is_token(self, given: str) -> bool:
        """Whether this is the token, found out in a time that tells nothing about it."""
        return self.token is not None and _same(given, self.token)


def given_token(file: str | None) -> str | None:
    """The token in a file, or in the environment; None for none. Raises InputError for one that is easy to guess."""
    where, token = VARIABLE, os.environ.get(VARIABLE)
    if file is not None:
        path = user_path(file, "token_file")
        try:
            with path.open(encoding="utf-8") as lines:
                where, token = str(path), lines.read(LARGEST_FILE).strip()
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            raise InputError(f"{path} can't be read: {reason}", "token_file") from None
    if token is None:
        return None
    if len(token) < SHORTEST or not token.isascii() or not token.isprintable() or " " in token:
        said = f"the token in {where} must have at least {SHORTEST} letters, digits or signs of ASCII, and no space"
        raise InputError(said, "token_file" if file is not None else "")
    return token


def new_token() -> str:
    """A token that nobody guesses."""
    return secrets.token_urlsafe(18)


def public_origin(url: str) -> str:
    """The address visitors see, without a path. Raises InputError for what is none."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.path in ("", "/") and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment or parts.username:
        raise InputError(f"--public-url must be such as https://class.example.org, without a path, not {url}")
    return f"{parts.scheme}://{parts.netloc}".lower()


def names_of(host: str, public: str | None) -> frozenset[str]:
    """The names by which a server that listens at `host` may be asked."""
    names = {"localhost", "127.0.0.1", "::1", host.lower()}
    if public is not None:
        names.add(str(urlsplit(public).hostname))
    machine = socket.gethostname().lower()
    return frozenset(names | {machine, f"{machine}.local"})


def token_file_is_open(file: str) -> bool:
    """Whether others on this machine can read the file with the token."""
    return os.name == "posix" and bool(Path(file).stat().st_mode & 0o044)


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())
