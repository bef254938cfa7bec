"""Datasets: built in or from files; read, split and prepared."""
