"""Data sets: built in or from files, understood, split and prepared."""
