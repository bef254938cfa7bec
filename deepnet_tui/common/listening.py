"""Sockets that wait for clients, and how an address is written."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket

from deepnet_tui.common.errors import InputError

BACKLOG = 512


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 is any that is free. Raises InputError."""
    try:
        family, *_, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(where[:2], family=family, backlog=BACKLOG)
    except socket.gaierror:
        raise InputError(f"the host {host!r} is not known", "host") from None
    except (OSError, UnicodeError, OverflowError) as error:
        number = getattr(error, "errno", None)
        if number == errno.EADDRNOTAVAIL:
            raise InputError(f"{host} is no address of this machine", "host") from None
        reason = (os.strerror(number) if number else str(error)).lower()
        raise InputError(f"can't listen on {host}, port {port}: {reason}", "port") from None


def address(place: socket.socket) -> str:
    """The address of a socket as a client writes it."""
    host, port = place.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def host_of(header: str) -> str:
    """The name in a Host header, without port and brackets."""
    given = header.lower()
    if given.startswith("["):
        return given[1:].partition("]")[0]
    return given.partition(":")[0]
