"""Opens the screen What if on an example of a part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deepnet_tui.model import Model
from deepnet_tui.screens.what_if.screen import WhatIfScreen
from deepnet_tui.understand.what_if import WhatIf
from deepnet_tui.widgets.base.snapshot_context import member_name

if TYPE_CHECKING:
    from deepnet_tui.commands.command import Command
    from deepnet_tui.evaluate.report import EvaluationInput

MOST_ROWS = 5_000  # around the example, so that data on disk stay there


def what_if_screen(
    case: EvaluationInput, part: str, place: int, member: int, commands: tuple[Command, ...]
) -> WhatIfScreen:
    """The screen for the example at `place` of a part; units are those of network `member` of an ensemble."""
    model = Model.on(case.dataset, case.network, case.snapshot.parameters)
    data = getattr(case.dataset, part)
    first = max(0, min(place - MOST_ROWS // 2, data.m - MOST_ROWS))
    rows = slice(first, first + MOST_ROWS)
    shown = WhatIf(model, np.asarray(data.X[:, rows]), data.rows[rows], place - first, member)
    return WhatIfScreen(shown, part, commands, member_name(member, case.network.ensemble))
