"""Opens the server to whom it is meant for, and says in plain words who that is and what they can do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import quote

from deepnet_tui.browser.access import Access, given_token, names_of, new_token, public_origin, token_file_is_open
from deepnet_tui.browser.limits import VisitorLimits
from deepnet_tui.browser.offer import Offer
from deepnet_tui.browser.server import serve
from deepnet_tui.browser.visit.landlock import version as landlock_version
from deepnet_tui.common.errors import InputError
from deepnet_tui.common.listening import address, is_loopback, listening
from deepnet_tui.common.times import spoken

EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104  compared with, not listened on


def open_to(
    host: str,
    port: int,
    token_file: str | None,
    public_url: str | None,
    limits: VisitorLimits,
    offer: Offer,
    tell: Callable[[str], None],
) -> None:
    """Serve until stopped. Raises InputError for an address that can't be had, or a token that is none."""
    public = None if public_url is None else public_origin(public_url)
    local = is_loopback(host) and public is None
    given = given_token(token_file)
    token = new_token() if given is None and not local else given
    access = Access(token, names_of(host, public), any_number=not is_loopback(host), public=public)
    try:
        place = listening(host, port)
    except InputError as error:
        if error.field == "port":
            raise InputError(f"{error}; choose another --port, or 0 for a free one", "") from None
        raise
    with place:

        def begun() -> None:
            for sentence in announcement(address(place), host, access, limits, offer, given=given is not None):
                tell(sentence)
            if token_file is not None and token_file_is_open(token_file):
                tell(f"warning: others on this machine can read {token_file}")

        serve(place, access, limits, offer, tell, begun)
    tell("stopped")


def announcement(
    url: str, host: str, access: Access, limits: VisitorLimits, offer: Offer, *, given: bool
) -> Iterator[str]:
    """Where the app is, who can come in, and what they can do."""
    if access.public is not None:
        yield f"deepnet waits at {url} for the proxy that visitors reach at {access.public}."
    port = url.rpartition(":")[2]
    everywhere = host in EVERYWHERE
    seen = access.public or (f"http://{own_address()}:{port}" if everywhere else url)
    if access.token is None:
        yield f"deepnet is open at {seen}; Ctrl-C stops it"
        yield "It is open to everyone who uses this machine, and to nobody else."
    else:
        link = f"{seen}/" if given else f"{seen}/?token={quote(access.token)}"
        yield f"deepnet is open at {link}"
        needed = "the token that you gave it" if given else "the token in this address"
        where = "this machine" if is_loopback(host) and access.public is None else "that address"
        yield f"It is open to everyone who reaches {where} and has {needed}; Ctrl-C stops it."
        if not seen.startswith("https:") and not is_loopback(host):
            yield "Nothing is encrypted: use it in a network that you trust, or behind a proxy with TLS."
    kept = "the kernel sees to it" if landlock_version() else "the app sees to it"
    yield (
        f"Visitors run the app as your user. They see {offer.text}, and files that they save themselves, "
        f"no others of yours; they run no programs ({kept})."
    )
    yield (
        f"At most {limits.visitors} at a time, for {spoken(limits.seconds)} each, {spoken(limits.idle)} without "
        "a key. What they make is removed when they leave."
    )


def own_address() -> str:
    """The address of this machine in its network, as far as it is known; else its name."""
    import socket

    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))  # an address for documentation; nothing is sent
            return str(probe.getsockname()[0])
    except OSError:
        return socket.gethostname()
