"""Tests of deepnet_tui.library."""
