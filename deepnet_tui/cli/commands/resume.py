"""`resume`: continues an interrupted run."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from deepnet_tui.cli.options import AsJson, Best, Engine, Export, Overwrite, Quiet, takes
from deepnet_tui.common.errors import InputError


@takes("iterations")
def resume(
    run: Annotated[str, typer.Argument(help="Name of a run, the beginning of it, or last.", metavar="RUN")],
    export: Export = None,
    overwrite: Overwrite = False,
    best: Best = False,
    engine: Engine = None,
    json: AsJson = False,
    quiet: Quiet = False,
    **settings: Any,
) -> int:
    """Continue an interrupted run.

    The result is the same, bit for bit, as that of a run that was never interrupted. A completed run continues if
    --iterations is more than it had.

    \b
    Examples:  deepnet-tui resume last
               deepnet-tui resume last --iterations 5000
    """
    from deepnet_tui.cli.output import tell
    from deepnet_tui.cli.training_run import Outputs, rule_of, train_and_report
    from deepnet_tui.runs.store import Store
    from deepnet_tui.training.stored_run import resume as resumed

    store = Store()
    record = store.open(run)
    outputs = Outputs(tuple(export or ()), record.experiment().data.files, overwrite, json, quiet, best)
    outputs.check()
    dataset, trainer, kept = resumed(store, record, settings["iterations"], engine)
    try:
        outputs.check_size(trainer.network)
    except InputError:
        kept.release()
        raise
    if trainer.path.note:
        tell(f"note: {trainer.path.note}")
    return train_and_report(dataset, trainer, kept, outputs, rule_of(record))
