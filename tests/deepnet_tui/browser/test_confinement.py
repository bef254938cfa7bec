"""What the process of a visitor may do: nothing outside of its folder, no programs, no connections."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from deepnet_tui.browser.visit import landlock
from deepnet_tui.common import confinement
from deepnet_tui.common.confinement import check_allowed, confine, shown_path
from deepnet_tui.common.errors import InputError
from deepnet_tui.common.paths import user_path
from deepnet_tui.data.readers.table import regular_file
from deepnet_tui.search.workers import ThisProcess, workers_for

ATTEMPTS = """
import ctypes, json, os, socket, sqlite3, subprocess, sys
from pathlib import Path
from deepnet_tui.browser.visit import guard, landlock
from deepnet_tui.common.confinement import confine

own, offered, secret, wall = sys.argv[1:]
os.chdir(own)
import numpy, random, threading
if wall == "kernel":
    assert landlock.restrict(own, guard.readable_places([Path(offered)]))
else:
    confine(Path(own), [Path(offered)])
    guard.install([Path(offered)])
found = {}

def attempt(name, work):
    try:
        work()
        found[name] = "done"
    except OSError as error:
        found[name] = error.strerror

attempt("write own", lambda: Path("a.txt").write_text("x"))
attempt("rename own", lambda: os.rename("a.txt", "b.txt"))
attempt("folder own", lambda: os.mkdir("deeper"))
attempt("read offered", lambda: Path(offered).read_text())
attempt("read offered by a link", lambda: Path("offered").read_text())
attempt("import", lambda: __import__("statistics"))
attempt("null", lambda: open(os.devnull, "w").write("x"))
attempt("remove own", lambda: os.remove("b.txt"))
attempt("read", lambda: Path(secret).read_text())
attempt("read by a link", lambda: (Path("link"), Path("link").read_text()) if Path("link").is_symlink() else 1 / 0)
attempt("read upwards", lambda: Path(own, "..", Path(secret).name).read_text())
attempt("append", lambda: open(secret, "a"))
attempt("write by os", lambda: os.open(secret, os.O_RDWR))
attempt("write offered", lambda: Path(offered).write_text("x"))
attempt("new", lambda: Path(secret + ".new").write_text("x"))
attempt("list", lambda: os.listdir(Path(secret).parent))
attempt("scan", lambda: list(os.scandir("/root" if os.path.isdir("/root") else "/home")))
attempt("remove", lambda: os.remove(secret))
attempt("rename", lambda: os.rename(secret, "here"))
attempt("link", lambda: os.link(secret, "hard"))
attempt("folder", lambda: os.mkdir(secret + ".folder"))
attempt("passwords", lambda: Path("/etc/passwd").read_text())
if wall != "kernel":
    attempt("program", lambda: subprocess.run(["true"]))
    attempt("shell", lambda: os.system("true"))
    attempt("fork", os.fork)
    attempt("resolve", lambda: socket.getaddrinfo("localhost", 80))
    attempt("bind", lambda: socket.socket().bind(("127.0.0.1", 0)))
    attempt("signal", lambda: os.kill(os.getpid(), 0))
    attempt("database", lambda: sqlite3.connect(secret))
if wall != "kernel" or landlock.version() >= 4:
    attempt("connect", lambda: socket.socket().connect(("127.0.0.1", 9)))
print(json.dumps(found))
"""
ALLOWED = {
    "write own",
    "rename own",
    "folder own",
    "read offered",
    "read offered by a link",
    "import",
    "null",
    "remove own",
}


@pytest.mark.skipif(sys.platform == "win32", reason="links")
@pytest.mark.parametrize("wall", ["hook", "kernel"])
def test_a_visitor_reaches_nothing_but_what_is_theirs(tmp_path: Path, wall: str) -> None:
    if wall == "kernel" and not landlock.version():
        pytest.skip("this kernel has no Landlock")
    own, secret, offered = tmp_path / "own", tmp_path / "secret.csv", tmp_path / "offered.csv"
    own.mkdir()
    secret.write_text("a secret")
    offered.write_text("offered")
    (own / "link").symlink_to(secret)
    (own / "offered").symlink_to(offered)
    words = [sys.executable, "-c", ATTEMPTS, str(own), str(offered), str(secret), wall]
    ended = subprocess.run(words, capture_output=True, text=True, cwd=Path(__file__).parents[3])
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert {name for name, said in found.items() if said == "done"} == ALLOWED
    assert found.pop("connect", None) != "Connection refused"
    if wall == "hook":
        assert found["read"] == "it is outside of the folder of your session"
        assert found["program"] == "a session in the browser runs no programs"
    assert (secret.read_text(), offered.read_text()) == ("a secret", "offered")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["offered.csv", "own", "secret.csv"]


@pytest.fixture
def confined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This process is confined, as far as paths that are typed go, until the end of the test."""
    monkeypatch.setattr(confinement, "_own", [])
    monkeypatch.setattr(confinement, "_offered", set())
    own = tmp_path / "own"
    own.mkdir()
    (tmp_path / "offered.csv").write_text("a,b\n1,2\n")
    confine(own, [tmp_path / "offered.csv"])
    monkeypatch.chdir(own)
    monkeypatch.setenv("HOME", str(own))
    return own


def test_paths_that_are_typed(confined: Path, tmp_path: Path) -> None:
    for text in ("model.npz", "./a/b.csv", "~/x.toml", str(confined / "y.csv"), "../offered.csv", "a/../x.csv"):
        assert user_path(text)
    (confined / "link.csv").symlink_to(tmp_path / "offered.csv")
    (confined / "other.csv").symlink_to("/etc/passwd")
    assert regular_file(Path("link.csv")) == 8
    for text in ("/etc/passwd", "..", "../owner.csv", "~/../x", "/proc/self/environ", str(confined) + "x", "other.csv"):
        with pytest.raises(InputError, match="outside of the folder of your session"):
            user_path(text)
        with pytest.raises(InputError, match="outside of the folder of your session"):
            regular_file(Path(text).expanduser())
    check_allowed("a\0b")  # a name that no file can have is refused elsewhere
    assert shown_path(f"saved {confined}/model.npz") == "saved model.npz"


def test_a_search_starts_no_processes(confined: Path) -> None:
    nothing: Any = None
    assert isinstance(workers_for(nothing, 8, None, lambda: False), ThisProcess)


def test_who_is_not_confined_may_go_anywhere() -> None:
    check_allowed("/etc/passwd")
    assert shown_path(f"{Path.cwd()}/x") == f"{Path.cwd()}/x"
