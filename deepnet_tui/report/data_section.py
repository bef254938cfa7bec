"""The sections on the data and on the network."""

from __future__ import annotations

from deepnet_tui.common.text import counted
from deepnet_tui.report.case import ReportCase
from deepnet_tui.report.document import Block, Figure, Paragraph, Remarks, Section, TableBlock
from deepnet_tui.report.svg.charts import network_chart

MOST_COLUMNS = 200


def data_section(case: ReportCase) -> Section:
    """Where the data are from, what was inferred about every column, what was dropped and why."""
    dataset, blocks = case.dataset, list[Block]()
    blocks.append(Paragraph(f"Source: {case.record.source}"))
    if case.missing:
        blocks.append(Remarks(case.missing, "warning"))
    if dataset is None:
        return Section("Data", blocks)
    parts = [(name, part.m) for name in ("train", "validation", "test") if (part := getattr(dataset, name)) is not None]
    rows = tuple((name, f"{m:,}") for name, m in parts)
    what = f"classes {', '.join(dataset.classes)}" if dataset.classes else "a number"
    if dataset.further_targets:
        what = f"{len(dataset.targets)} numbers: {', '.join(dataset.targets)}"
    blocks.append(
        Paragraph(f"Target: {dataset.target}, {what}. {counted(len(dataset.inputs), 'input')} of the network.")
    )
    blocks.append(TableBlock(("part", "examples"), rows))
    if dataset.warnings:
        blocks.append(Remarks(dataset.warnings, "warning"))
    if dataset.dropped:
        blocks += [Paragraph("Not used:"), Remarks(dataset.dropped)]
    if dataset.notes:
        blocks += [Paragraph("Done to the data:"), Remarks(dataset.notes)]
    known = [info for info in dataset.columns if info.reason != "built in"]
    if known:
        table = tuple(
            (info.name, info.kind, info.role, info.explanation, f"{info.missing:,}") for info in known[:MOST_COLUMNS]
        )
        blocks.append(TableBlock(("column", "kind", "role", "because", "missing"), table, numbers=4))
        if (more := len(known) - MOST_COLUMNS) > 0:
            blocks.append(Paragraph(f"… and {counted(more, 'more column')}."))
    return Section("Data", blocks)


def network_section(case: ReportCase) -> Section:
    """The layers, and how many parameters they have."""
    if case.model is None:
        return Section("Network")
    network = case.model.network
    many = f", an ensemble of {network.ensemble} networks whose outputs are averaged" if network.ensemble > 1 else ""
    size = sum(rows * columns for rows, columns in ((shape[-2], shape[-1]) for shape in network.shapes.values()))
    size *= network.ensemble
    rows = tuple(
        (f"hidden {number}", layer.activation, f"{layer.units:,}", f"{layer.dropout:g}" if layer.dropout else "none")
        for number, layer in enumerate(network.hidden, start=1)
    )
    formula = network.loss_function.formula
    output = ("output", network.loss_function.output, f"{network.outputs:,}", "none")
    return Section(
        "Network",
        (
            Figure(network_chart(network), f"{counted(size, 'parameter')}{many}. Loss: {formula}."),
            TableBlock(("layer", "activation", "units", "dropout"), (*rows, output), numbers=2),
        ),
    )
