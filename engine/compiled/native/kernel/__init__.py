"""The kernel: whole iterations of every network in one compiled loop (iterations.py), as the source of machine code.

Only these files import numba, and nothing imports them before a run needs them.
"""
