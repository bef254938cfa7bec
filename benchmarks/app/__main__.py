"""`python -m benchmarks.app`, as `python -m benchmarks app`."""

import sys

from benchmarks.app.command import main

main(sys.argv[1:])
