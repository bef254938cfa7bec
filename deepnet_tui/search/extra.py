"""The packages that only a search needs."""

from __future__ import annotations

from importlib.util import find_spec

from deepnet_tui.common.errors import InputError

PACKAGES = ("optuna", "joblib")
CLUSTER = ("dask", "distributed")


def require(packages: tuple[str, ...] = PACKAGES) -> None:
    """Raise InputError, which says how to install them, unless all of these packages are there."""
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        needed = f"the package{'s' if len(missing) > 1 else ''} {' and '.join(missing)}"
        raise InputError(f'a search needs {needed}: pip install "deepnet-tui[search]"', "search")
