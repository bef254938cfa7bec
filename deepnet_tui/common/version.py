"""The version of this program. It is here so that no module has to import the package that imports it."""

__version__ = "0.2.0"
