"""Tests of deepnet_tui.serve."""
