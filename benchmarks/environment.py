"""What the figures depend on: processor, threads, BLAS and its settings, versions. No names of machines or people."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

CAPS = ("OPENBLAS_CORETYPE", "NPY_DISABLE_CPU_FEATURES", "MKL_ENABLE_INSTRUCTIONS")
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def describe(*packages: str) -> dict[str, str]:
    """Name -> value, as lines of a report; with the versions of these packages, or of those whose speed is measured."""
    found = {
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
    }
    for package in ("numpy", "scikit-learn", *(packages or ("torch", "jax"))):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    found["BLAS"] = _blas()
    if hasattr(os, "getloadavg"):
        found["load while measuring"] = f"{os.getloadavg()[1]:.1f} (the benchmark's own part among it)"
    for name in (*CAPS, *THREADS):
        found[name] = os.environ.get(name, "not set")
    return found


def heading(title: str, facts: Mapping[str, str]) -> list[str]:
    """The lines with which a Markdown page begins: its title, and `describe()` with whatever else is known."""
    return [f"# {title}", "", *(f"- {name}: {value}" for name, value in facts.items()), ""]


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    for line in path.read_text().splitlines() if path.exists() else ():
        if line.startswith("model name"):
            return " ".join(line.split(":", 1)[1].split())
    return platform.processor() or "unknown"


def _blas() -> str:
    import numpy as np
    from threadpoolctl import threadpool_info

    np.ones((2, 2)) @ np.ones((2, 2))
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    named = {
        f"{pool['internal_api']} {pool['version']}, kernels {pool.get('architecture', '?')}, "
        f"{pool['num_threads']} threads"
        for pool in pools
    }
    return "; ".join(sorted(named)) or "unknown"
