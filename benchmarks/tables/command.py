"""`python -m benchmarks tables [FOLDER]`: every learner on the same rows of every table; a page, figures, plots."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import environment
from benchmarks.tables import bundled, report
from benchmarks.tables.learners import OURS, TITLES, learn, missing
from benchmarks.tables.listing import ListingError, Table, tables
from benchmarks.tables.records import Key, Record, line, read
from benchmarks.tables.split import fingerprint, held_out, split, used_columns
from deepnet_tui.data.dataset import Dataset

RESULTS = Path(__file__).parents[1] / "results"


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks tables", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="CSV files with a list of them, tables.json")
    parser.add_argument("--bundled", action="store_true", help="scikit-learn's data sets and made-up ones (no FOLDER)")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1], metavar="N", help="of split and learners; 1")
    parser.add_argument("--only", nargs="+", metavar="TABLE", help="some of the tables, by the name of the file")
    parser.add_argument("--models", nargs="+", metavar="MODEL", help=f"some of {', '.join(TITLES)}")
    parser.add_argument("--ours", default="", metavar="OPTIONS", help='options of train: --ours="--iterations 500"')
    parser.add_argument("--output", type=Path, default=RESULTS, metavar="FOLDER", help="where to write")
    parser.add_argument("--resume", action="store_true", help="keep what tables.jsonl has in the folder of the output")
    parser.add_argument(
        "--known", nargs="+", type=Path, default=[], metavar="FILE", help="take peers from these files of records"
    )
    chosen = parser.parse_args(arguments)
    if chosen.folder and chosen.bundled:
        parser.error("name a folder or --bundled, not both")
    learners = _learners(parser, chosen.models)
    with ExitStack() as stack:
        folder = chosen.folder
        if folder is None:
            folder = Path(stack.enter_context(TemporaryDirectory()))
            bundled.write(folder)
        try:
            listed = _chosen(tables(folder), chosen.only)
            known = {r.key: r for path in chosen.known for r in read(path) if r.learner != OURS and not r.error}
        except ListingError as error:
            parser.error(str(error))
        except OSError as error:
            parser.error(f"{error.filename}: {error.strerror}")
        records = measure(
            listed, chosen.seeds, learners, shlex.split(chosen.ours), chosen.output, known, resume=chosen.resume
        )
    write(records, learners, chosen.output)


def _learners(parser: argparse.ArgumentParser, named: Sequence[str] | None) -> list[str]:
    unknown = [name for name in named or () if name not in TITLES]
    if unknown:
        parser.error(f"{unknown[0]!r} is unknown; choose from {', '.join(TITLES)}")
    found = []
    for name in TITLES if named is None else dict.fromkeys(named):
        reason = missing(name)
        if reason is None:
            found.append(name)
        elif named is not None:
            parser.error(reason)
        else:
            print(reason, file=sys.stderr)
    return found


def _chosen(listed: list[Table], only: Sequence[str] | None) -> list[Table]:
    names = [table.name for table in listed]
    unknown = [name for name in only or () if name not in names]
    if unknown:
        raise ListingError(f"there is no table {unknown[0]!r}; choose from {', '.join(names)}")
    return [table for table in listed if only is None or table.name in only]


def measure(
    listed: Sequence[Table],
    seeds: Sequence[int],
    learners: Sequence[str],
    options: Sequence[str],
    output: Path,
    known: dict[Key, Record],
    *,
    resume: bool,
) -> list[Record]:
    """Measure what is not known yet of these rows and columns; each record is added to tables.jsonl at once.

    Failures are tried again.
    """
    output.mkdir(parents=True, exist_ok=True)
    path = output / "tables.jsonl"
    before = [record for record in read(path) if not record.error] if resume and path.exists() else []
    known = {**known, **{record.key: record for record in before}}
    records: list[Record] = []
    with path.open("w", encoding="utf-8") as file:
        file.writelines(map(line, before))
        file.flush()
        for table in listed:
            for seed in seeds:
                parts = _parts(table, seed)
                keys = {name: (table.name, seed, name, _options(name, options)) for name in learners}
                there = {name: known[key] for name, key in keys.items() if key in known and _same(known[key], parts)}
                records += there.values()
                left = [name for name in learners if name not in there]
                for record in measured(table, seed, parts, left, options):
                    file.write(line(record))
                    file.flush()
                    records.append(record)
                    print(_progress(record), flush=True)
    return records


def _options(learner: str, options: Sequence[str]) -> str:
    return shlex.join(options) if learner == OURS else ""


def _parts(table: Table, seed: int) -> Dataset | str:
    """The split data, or why they can't be used."""
    try:
        return split(table, seed)
    except ValueError as error:
        return str(error)


def _same(record: Record, parts: Dataset | str) -> bool:
    """Whether a known record is of this split; where there is none, it is taken."""
    return isinstance(parts, str) or record.split == fingerprint(parts)


def measured(
    table: Table, seed: int, parts: Dataset | str, learners: Sequence[str], options: Sequence[str]
) -> Iterator[Record]:
    """A record for each learner, a failure among them if need be; `parts` may be why there is no split."""
    for name in learners:
        blank = Record(table.name, seed, name, _options(name, options), table.task, 0, 0, 0, None, {})
        if isinstance(parts, str):
            yield replace(blank, error=parts)
            continue
        sizes = parts.train.m, held_out(parts).m, len(used_columns(parts))
        blank = replace(blank, train_rows=sizes[0], test_rows=sizes[1], columns=sizes[2], split=fingerprint(parts))
        try:
            record = replace(blank, **vars(learn(name, table, parts, seed, options)))
        except Exception as error:  # a learner that fails is a result, and the others go on
            record = replace(blank, error=" ".join(str(error).split()) or type(error).__name__)
        yield record


def _progress(record: Record) -> str:
    said = record.error or ", ".join(f"{name} {value:.4f}" for name, value in record.scores.items())
    return f"{record.table:16} seed {record.seed:<3} {TITLES[record.learner]:21} {said}"


def write(records: Sequence[Record], learners: Sequence[str], output: Path) -> None:
    """The page, the figures, and the plots."""
    facts = environment.describe("lightgbm")
    found = report.figures(records, learners)
    text = report.page(facts, found, learners, records)
    (output / "tables.md").write_text(text, encoding="utf-8")
    (output / "tables.json").write_text(json.dumps({"environment": facts, **found}, indent=1) + "\n", encoding="utf-8")
    for name, picture in report.pictures(found).items():
        (output / name).write_text(picture, encoding="utf-8")
    print(text)
