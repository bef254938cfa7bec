"""Every call that changes a file fails, or the process dies there: nothing that was complete is lost.

Ordinarily some calls of some scenarios fail. With DEEPNET_FAULTS=1 every call of every scenario fails in one way, with
6 in all ways that there are (CONTRIBUTING.md).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.faults.calls.all import SCENARIOS
from tests.faults.calls.shim import compiled

WAYS = int(os.environ.get("DEEPNET_FAULTS", "0"))
EVERY_TIME = ("train", "prune", "delete and undo", "index brought up to date", "export folder")
FEW = 4  # calls of a scenario, ordinarily

Ask = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Asks the process in which calls can be made to fail."""
    folder = tmp_path_factory.mktemp("faults")
    library = compiled(folder)
    if library is None:
        pytest.skip("calls of the system are made to fail on Linux only, and with a C compiler")
    environment = {**os.environ, "LD_PRELOAD": str(library), "TMPDIR": str(folder)}
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.calls.server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    reads, writes = server.stdout, server.stdin
    assert json.loads(reads.readline()) == [scenario.name for scenario in SCENARIOS]

    def ask(name: str) -> dict[str, Any]:
        print(json.dumps({"name": name, "ways": WAYS, "few": FEW}), file=writes, flush=True)
        answer: dict[str, Any] = json.loads(reads.readline())
        return answer

    yield ask
    writes.close()
    server.wait()
    reads.close()


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("name", [scenario.name for scenario in SCENARIOS] if WAYS else EVERY_TIME)
def test_nothing_is_lost_whichever_call_fails(ask: Ask, name: str, record_property: Callable[..., None]) -> None:
    answer = ask(name)
    record_property("calls", answer["calls"])
    record_property("cases", answer["cases"])
    assert answer["wrong"] == []
    assert answer["cases"] >= (answer["calls"] * WAYS if WAYS else FEW)
