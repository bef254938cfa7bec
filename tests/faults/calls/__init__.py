"""Faults on purpose: every call that changes a file fails, or the process dies there, one after the other."""
