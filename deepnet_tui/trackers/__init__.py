"""Runs in the programs that people already watch experiments with: while they are trained, or later from the store."""
