"""The findings of Health as lines of text: a title each, and for the chosen one the evidence and the remedy."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from rich.text import Text

from deepnet_tui.widgets.views.health.table import MUTED, HealthStyles
from engine.diagnostics.findings import Finding


def finding_lines(
    findings: Sequence[Finding], chosen: int, width: int, key: str, styles: HealthStyles
) -> tuple[list[Text], list[int]]:
    """The lines, and for each the number of its finding. `key` is the one that applies the remedy."""
    lines: list[Text] = []
    owners: list[int] = []
    for number, finding in enumerate(findings):
        short = _title(finding, width, " ", styles)[:1]
        part = _whole(finding, width, key, styles) if number == chosen else short
        lines += part
        owners += [number] * len(part)
    return lines, owners


def _title(finding: Finding, width: int, mark: str, styles: HealthStyles) -> list[Text]:
    parts = textwrap.wrap(finding.title, max(20, width - 2))
    lines = [f"{mark} {parts[0]}", *(f"  {part}" for part in parts[1:])]
    return [Text(line, style=styles.warning) for line in lines]


def _whole(finding: Finding, width: int, key: str, styles: HealthStyles) -> list[Text]:
    lines = _title(finding, width, "▸", styles)
    lines += [Text(f"  {part}") for part in textwrap.wrap(finding.sentence, max(20, width - 2))]
    evidence = textwrap.wrap("  ·  ".join(finding.evidence), max(20, width - 2))
    lines += [Text(f"  {part}", style=MUTED) for part in evidence]
    if finding.remedy is not None:
        first, *rest = textwrap.wrap(str(finding.remedy), max(20, width - 4))
        lines.append(Text.assemble("  ", (key, styles.key), f" {first}"))
        lines += [Text(f"    {part}") for part in rest]
        why = textwrap.wrap(finding.remedy.why, max(20, width - 4))
        lines += [Text(f"    {part}", style=MUTED) for part in why]
    return lines
