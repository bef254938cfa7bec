"""Numbers as people read them."""

from __future__ import annotations

import math


def whole(value: int) -> str:
    """1234567 as 1,234,567."""
    return f"{value:,}"


def cost(value: float | None) -> str:
    """A cost with four digits, or as many zeros as it needs."""
    if value is None or math.isnan(value):
        return "–"
    if not math.isfinite(value):
        return "∞"
    return f"{value:.4f}" if 0.001 <= abs(value) < 10_000 or value == 0 else f"{value:.2e}"


def short(value: float) -> str:
    """At most nine characters for any number."""
    if value == 0:
        return "0"
    size = abs(value)
    if not math.isfinite(value) or size >= 1e5 or size < 1e-3:
        return f"{value:.1e}"
    return f"{value:.{max(0, 4 - max(0, math.floor(math.log10(size))))}f}"


def speed(rate: float) -> str:
    """Iterations a second: 41,200 it/s, 3.2 it/s."""
    if rate >= 1000:
        return f"{round(rate, -2):,.0f} it/s"
    return f"{rate:.0f} it/s" if rate >= 10 else f"{rate:.1f} it/s"


def dims(units: tuple[int, ...], room: int = 24) -> str:
    """2-16-8-1, with the middle left out when it would not fit."""
    full = "-".join(str(count) for count in units)
    if len(full) <= room or len(units) <= 3:
        return full
    for keep in range(len(units) - 2, 0, -1):
        head = (keep + 1) // 2
        tail = keep - head
        parts = [*units[: head + 1], "…", *units[len(units) - 1 - tail :]]
        text = "-".join(str(part) for part in parts)
        if len(text) <= room:
            return text
    return f"{units[0]}-…-{units[-1]}"


def ticks(low: float, high: float, most: int) -> list[float]:
    """At most `most` round numbers from low to high: steps of 1, 2 or 5 times a power of ten."""
    if not high > low or most < 2:
        return [low]
    rough = (high - low) / (most - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Values from low to high, both above 0, for a logarithmic axis: powers of ten, and 2 and 5 if there is room."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for factors in ((1, 2, 5), (1, 3), (1,)):
        values = [f * 10.0**p for p in powers for f in factors if low * 0.999 <= f * 10.0**p <= high * 1.001]
        if 2 <= len(values) <= most:
            return values
    if len(values) < 2:
        return [low, high]
    return values[:: math.ceil(len(values) / most)]
