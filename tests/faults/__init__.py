"""Faults on purpose: calls that fail, disks that are full, files that are damaged or old, runs that are long."""
