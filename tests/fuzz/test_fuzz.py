"""Every reader on damaged files, each day others: one is read or refused in a sentence, in bounded time and memory.

FUZZ_SEED names the seed, FUZZ_COUNT how many files each reader gets. `python -m tests.fuzz.run 10000` reads many more.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.fuzz.readers import READERS
from tests.fuzz.run import ROOT, seed_of_today

COUNT = int(os.environ.get("FUZZ_COUNT", "20"))


def test_damaged_files_are_read_or_refused() -> None:
    pytest.importorskip("optuna")
    seed = seed_of_today()
    words = [sys.executable, "-m", "tests.fuzz.child", ",".join(READERS), str(seed), "0", str(COUNT)]
    ran = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    begun = [line for line in lines if "reader" in line]
    found = [(place, said) for place, said in zip(begun, lines[1::2], strict=False) if "finding" in said]
    assert not found, f"FUZZ_SEED={seed}: {found[:5]}"
    assert ran.returncode == 0, f"FUZZ_SEED={seed}: the process died at {begun[-1:]}: {ran.stderr[-2000:]}"
    assert {place["reader"] for place in begun} == set(READERS)


def test_a_damaged_file_is_the_same_for_the_same_seed() -> None:
    for name in ("csv", "xlsx", "model-json"):
        reader = READERS[name]
        assert reader.damaged(reader.good(), "1") == reader.damaged(reader.good(), "1")
