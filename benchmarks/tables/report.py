"""The page of a measurement, and the figures behind it."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks import plot
from benchmarks.tables.learners import OURS, TITLES
from benchmarks.tables.outcome import METRICS
from benchmarks.tables.ranks import critical_difference, friedman, groups, ranks
from benchmarks.tables.records import Record, means

BOOSTED = ("lightgbm", "histogram")
BEHIND_BOOSTED = {"classification": 0.02, "regression": 0.03}
BEHIND_LINEAR = 0.02
NAMES = {"accuracy": "accuracy", "log_loss": "log-loss", "r2": "R2", "rmse": "RMSE"}
KINDS = ("accuracy and R2", "log-loss and RMSE")


def figures(records: Sequence[Record], learners: Sequence[str]) -> dict[str, Any]:
    """Means by table, ranks by metric, where ours is behind, and failures.

    Only tables that every one of these learners was given are ranked; one that failed there comes last.
    """
    found = means(records)
    tasks = {record.table: record.task for record in records}
    complete = [table for table in found if all(learner in found[table] for learner in learners)]
    figures: dict[str, Any] = {
        "seeds": sorted({record.seed for record in records}),
        "options": sorted({record.options for record in records if record.options}),
        "tables": {
            table: {"task": tasks[table], "rows": _rows(records, table), "means": found[table]} for table in found
        },
        "ranks": {},
        "behind": behind(found, tasks),
        "errors": [f"{r.table}, seed {r.seed}, {TITLES[r.learner]}: {r.error}" for r in records if r.error],
    }
    for place, kind in enumerate(KINDS) if len(learners) > 1 and complete else ():
        scores = [
            [found[table][learner].get(METRICS[tasks[table]][place], np.nan) for learner in learners]
            for table in complete
        ]
        ranked = ranks(scores, higher_is_better=place == 0)
        average = dict(zip(learners, ranked.mean(axis=0).tolist(), strict=True))
        difference = critical_difference(len(learners), len(complete))
        statistic, chance = friedman(ranked)
        figures["ranks"][kind] = {
            "tables": complete,
            "mean": average,
            "critical_difference": difference,
            "friedman": statistic,
            "p": chance,
            "not_told_apart": groups(average, difference),
        }
    return figures


def _rows(records: Sequence[Record], table: str) -> list[int]:
    """Training rows, test rows, columns that are learned from."""
    first = next(record for record in records if record.table == table)
    return [first.train_rows, first.test_rows, first.columns]


def behind(found: dict[str, dict[str, dict[str, float]]], tasks: dict[str, str]) -> list[str]:
    """A line for every table where ours is clearly worse than boosted trees, or than a line."""
    lines = []
    for table, learners in found.items():
        if OURS not in learners:
            continue
        score = METRICS[tasks[table]][0]
        mine = learners[OURS].get(score)
        if mine is None:
            lines.append(f"{table}: ours failed")
            continue
        boosted = {name: learners[name][score] for name in BOOSTED if score in learners.get(name, {})}
        if boosted:
            best = max(boosted, key=boosted.__getitem__)
            if boosted[best] - mine > BEHIND_BOOSTED[tasks[table]]:
                lines.append(_line(table, score, mine, best, boosted[best]))
        line = learners.get("linear", {}).get(score)
        if tasks[table] == "regression" and line is not None and line - mine > BEHIND_LINEAR:
            lines.append(_line(table, score, mine, "linear", line))
    return lines


def _line(table: str, score: str, mine: float, other: str, theirs: float) -> str:
    return f"{table}: {NAMES[score]} {mine:.3f}, {TITLES[other]} {theirs:.3f} ({mine - theirs:+.3f})"


def page(facts: dict[str, str], figures: dict[str, Any], learners: Sequence[str], records: Sequence[Record]) -> str:
    """The Markdown page."""
    seeds = ", ".join(map(str, figures["seeds"]))
    parts = ["# Tables", "", *(f"- {name}: {value}" for name, value in facts.items())]
    parts += [f"- seeds: {seeds}"]
    parts += [f"- options of deepnet-tui: {options}" for options in figures["options"]] + [""]
    also = " and these options" if figures["options"] else ", nothing else"
    parts += [
        "Every learner has the same columns and rows: deepnet-tui's training part, held_out on its validation part.",
        "The split and every random number depend on the seed.",
        f"deepnet-tui gets the file and the target{also}; the others are at their defaults. Means over the seeds.",
        "",
    ]
    for task, metrics in METRICS.items():
        tables = {name: facts for name, facts in figures["tables"].items() if facts["task"] == task}
        for metric in metrics if tables else ():
            parts += [f"## {task.capitalize()}: {NAMES[metric]}", "", *_scores(tables, metric, learners), ""]
    for kind, found in figures["ranks"].items():
        parts += [f"## Mean ranks by {kind}", "", *_ranks(found), ""]
    parts += ["## Where ours is behind", "", *_behind(figures), ""]
    parts += ["## Seconds of training", "", *_seconds(records, learners), ""]
    if figures["errors"]:
        parts += ["## Failures", "", *(f"- {line}" for line in figures["errors"]), ""]
    return "\n".join(parts)


def _header(first: Sequence[str], learners: Sequence[str]) -> list[str]:
    titles = [*first, *(TITLES[learner] for learner in learners)]
    return [f"| {' | '.join(titles)} |", "|---" + "|---:" * (len(titles) - 1) + "|"]


def _scores(tables: dict[str, Any], metric: str, learners: Sequence[str]) -> list[str]:
    lines = _header(("table", "rows", "columns"), learners)
    best = min if metric in ("log_loss", "rmse") else max
    for name, facts in tables.items():
        values = [facts["means"].get(learner, {}).get(metric) for learner in learners]
        leader = best((value for value in values if value is not None), default=None)
        train, test, columns = facts["rows"]
        cells = ["" if value is None else _shown(value, metric, value == leader) for value in values]
        lines.append(f"| {name} | {train + test:,} | {columns} | {' | '.join(cells)} |")
    return lines


def _shown(value: float, metric: str, leads: bool) -> str:
    text = f"{value:.4g}" if metric == "rmse" else f"{value:.3f}"
    return f"**{text}**" if leads else text


def _ranks(found: dict[str, Any]) -> list[str]:
    lines = ["| learner | mean rank |", "|---|---:|"]
    lines += [f"| {TITLES[name]} | {rank:.2f} |" for name, rank in sorted(found["mean"].items(), key=lambda at: at[1])]
    lines += [
        "",
        f"1 is best of {len(found['mean'])}, over {len(found['tables'])} tables. Friedman test: "
        f"{found['friedman']:.1f}, p = {found['p']:.2g}.",
        f"Learners whose mean ranks differ by {found['critical_difference']:.2f} or less are not told apart "
        "(Nemenyi test at 0.05).",
    ]
    return lines


def _behind(figures: dict[str, Any]) -> list[str]:
    rule = (
        "Accuracy more than 0.02 or R2 more than 0.03 below the better of LightGBM and HistGradientBoosting, or R2\n"
        "more than 0.02 below the linear model."
    )
    return [rule, "", *([f"- {line}" for line in figures["behind"]] or ["Nowhere."])]


def _seconds(records: Sequence[Record], learners: Sequence[str]) -> list[str]:
    lines = [
        "Those of deepnet-tui include the start of Python, reading, and its evaluation; the peers train from memory.",
        "",
        "| learner | median | most |",
        "|---|---:|---:|",
    ]
    for learner in learners:
        times = [r.seconds for r in records if r.learner == learner and r.seconds is not None]
        if times:
            lines.append(f"| {TITLES[learner]} | {statistics.median(times):.2f} | {max(times):.2f} |")
    return lines


def pictures(figures: dict[str, Any]) -> dict[str, str]:
    """File name -> SVG: a plot of the mean ranks for each of the two kinds of score."""
    drawn = {}
    for place, (kind, found) in enumerate(figures["ranks"].items()):
        named = {TITLES[name]: rank for name, rank in found["mean"].items()}
        bars = [tuple(TITLES[name] for name in group) for group in found["not_told_apart"]]
        title = f"Mean rank by {kind}, {len(found['tables'])} tables"
        picture = plot.mean_ranks(title, named, found["critical_difference"], bars)
        drawn[("tables.svg", "tables-loss.svg")[place]] = picture
    return drawn
