"""The process of one peer on one workload: reads a number of iterations a line, answers with the seconds they took."""

from __future__ import annotations

import contextlib
import json
import sys
import time

from benchmarks.peers import PEERS, CannotError
from benchmarks.workloads import WORKLOADS


def main(peer: str, workload: str) -> None:
    answers = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        try:
            ready = PEERS[peer](WORKLOADS[workload])
        except CannotError as reason:
            print(json.dumps({"cannot": str(reason)}), file=answers, flush=True)
            return
        print(json.dumps({"setting": ready.setting}), file=answers, flush=True)
        for line in sys.stdin:
            started = time.perf_counter()
            ready.run(int(line))
            print(time.perf_counter() - started, file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
