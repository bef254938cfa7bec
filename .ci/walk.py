"""Types every command of the README and of the first pages of the manual as written, as a stranger would.

`python3 .ci/walk.py README.md docs/start/table.md`, in a copy of the sources. Each page's `sh` blocks run line by line
in one folder, where `.venv` is made by the first of them. A command that opens the app gets a terminal, is waited for
until it has drawn its screen, and is quit with a key; a server is interrupted once it says where it listens. The rest
must end with exit code 0. The tests are left out: they have a step of their own.
"""

from __future__ import annotations

import os
import pty
import random
import re
import select
import shlex
import signal
import struct
import subprocess
import sys
import termios
import time
from fcntl import ioctl
from pathlib import Path

PATIENCE = 600.0  # seconds for one command
OPENS_THE_APP = ("open", "learn", "keys")
SERVES = ("serve", "serve-model")
WORDS = ("train", "search", "race", "predict", "explain", "datasets", "resume", "report", "export", "check", "runs")
SAVED = re.compile(r"^```toml\n(?=# (\w+\.toml)\n)(.*?)^```", re.DOTALL | re.MULTILINE)  # "save this as ..."
DRAWN, QUIT, ANYWAY = b"\x1b[?1049h", b"\x11", b"\r"


def main(pages: list[str]) -> int:
    """Walk through the pages; 1 if a command did not do as it should."""
    table("customers.csv", 300, seed=1, target=True)
    table("new_customers.csv", 20, seed=2, target=False)
    failed, there = [], {*Path().iterdir(), Path(".venv")}
    for page in pages:
        for made in set(Path().iterdir()) - there:  # each page is read by somebody who has not read the others
            if made.is_file():
                made.unlink()
        text = Path(page).read_text(encoding="utf-8")
        for name, content in SAVED.findall(text):
            Path(name).write_text(content, encoding="utf-8")
        for command in commands(text):
            begun = time.monotonic()
            problem = run(command)
            print(f"{'FAILED' if problem else 'ok':6} {time.monotonic() - begun:6.1f} s  {page}: {command}", flush=True)
            if problem:
                failed.append(command)
                print(problem)
    print(f"{len(failed)} of the commands failed" if failed else "every command worked")
    return 1 if failed else 0


def table(name: str, rows: int, *, seed: int, target: bool) -> None:
    """The reader's own table, called customers.csv by the pages: made up, with gaps."""
    if Path(name).exists():
        return
    draw = random.Random(seed)  # noqa: S311 - a made-up table
    lines = ["customer,plan,months,spent" + (",churn" if target else "")]
    for row in range(rows):
        plan, months = draw.choice(["basic", "pro", "team"]), draw.randint(1, 60)
        spent = "" if draw.random() < 0.05 else f"{draw.gauss(40, 12):.2f}"
        leaves = draw.random() < (0.7 if plan == "basic" and months < 24 else 0.15)
        lines.append(f"c{row:04d},{plan},{months},{spent}" + (f",{'yes' if leaves else 'no'}" if target else ""))
    Path(name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def commands(page: str) -> list[str]:
    """The lines of its `sh` blocks; those that a backslash continues are one."""
    blocks = re.findall(r"^```sh\n(.*?)^```", page, flags=re.DOTALL | re.MULTILINE)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [line for line in (one.partition("  #")[0].strip() for one in lines) if line and "pytest" not in line]


def run(command: str) -> str:
    """What went wrong; nothing, if it worked."""
    last = shlex.split(command.split("&&")[-1])
    words = last[1:] if last and last[0].endswith("deepnet-tui") else None
    if words is None:
        return plain(command)
    name = next((word for word in words if not word.startswith("-")), "")
    if name in SERVES:
        return served(command)
    if name in WORDS or any(word in ("--help", "--version") for word in words):
        return plain(command)
    if name == "learn" and len(words) == 1:
        return plain(command)  # a list of the lessons
    return opened(command)


def plain(command: str) -> str:
    """Run it to its end."""
    try:
        done = subprocess.run(
            ["bash", "-c", command], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return f"takes more than {PATIENCE:.0f} seconds"
    return "" if done.returncode == 0 else f"exit code {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


def served(command: str) -> str:
    """Start it, wait for the address that it tells, and interrupt it."""
    process = subprocess.Popen(
        ["bash", "-c", f"exec {command}"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )
    assert process.stdout is not None
    heard, end = b"", time.monotonic() + PATIENCE
    while b"http" not in heard and time.monotonic() < end and process.poll() is None:
        if select.select([process.stdout], [], [], 0.5)[0]:
            heard += os.read(process.stdout.fileno(), 65536)
    os.killpg(process.pid, signal.SIGINT)
    try:
        code = process.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return "does not end after Ctrl-C"
    return "" if b"http" in heard and code in (0, 130) else f"exit code {code}\n{heard.decode(errors='replace')}"


def opened(command: str) -> str:
    """Open the app in a terminal of 80x24, wait until it is drawn and idle, and quit."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    process = subprocess.Popen(
        ["bash", "-c", command], stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
    )
    os.close(theirs)
    shown, quits, end = b"", 0, time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        if select.select([ours], [], [], 2.0)[0]:
            try:
                shown += os.read(ours, 65536)
            except OSError:  # how Linux says that the other end is closed
                break
        elif DRAWN in shown:  # two seconds without a change
            os.write(ours, QUIT if quits == 0 else ANYWAY)
            quits += 1
    if process.poll() is None:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return f"did not quit\n{shown[-2000:].decode(errors='replace')}"
    os.close(ours)
    if DRAWN not in shown or b"Traceback" in shown or process.returncode != 0:
        return f"exit code {process.returncode}\n{shown[-2000:].decode(errors='replace')}"
    return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
