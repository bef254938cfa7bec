"""The doctor: all rules about what is wrong with a training run, and the diagnosis that applies them.

A rule is a pure function from the record of a run to a finding, or None if the evidence is not sufficient. To add one,
write a function in `network_rules`, `stuck_rules` or `data_rules` and add it to RULES. If several rules would describe
the same problem, only the one closest to its cause has a finding.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.diagnostics import data_rules, network_rules, stuck_rules
from engine.diagnostics.findings import Finding, TrainingRecord

Rule = Callable[[TrainingRecord], Finding | None]
RULES: dict[str, Rule] = {
    "unscaled_features": data_rules.unscaled_features,
    "diverged": network_rules.diverged,
    "identical_units": network_rules.identical_units,
    "small_weights": network_rules.small_weights,
    "dead_relus": network_rules.dead_relus,
    "too_few_units": stuck_rules.too_few_units,
    "saturated": network_rules.saturated,
    "vanishing_gradients": network_rules.vanishing_gradients,
    "exploding_gradients": network_rules.exploding_gradients,
    "fast_target": stuck_rules.fast_target,
    "plateau": stuck_rules.plateau,
    "reversed_answers": stuck_rules.reversed_answers,
    "overfitting": data_rules.overfitting,
    "imbalance": data_rules.imbalance,
    "random_labels": data_rules.random_labels,
}

CONSEQUENCES = {"too_few_units": ("saturated",)}
"""By finding those that it explains, where the rules do not know of one another."""


def diagnose(record: TrainingRecord) -> list[Finding]:
    """All findings about the latest statistics of the record, the most urgent first."""
    found = (rule(record) for rule in RULES.values()) if record.course else ()
    findings = [finding for finding in found if finding is not None]
    consequences = {name for finding in findings for name in CONSEQUENCES.get(finding.name, ())}
    return [finding for finding in findings if finding.name not in consequences]
