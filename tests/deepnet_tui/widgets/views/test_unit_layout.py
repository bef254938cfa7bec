"""Where the small maps of hidden units are placed."""

from __future__ import annotations

import pytest

from deepnet_tui.widgets.views.boundary.unit_layout import pages


@pytest.mark.parametrize(
    ("counts", "width", "height"), [([4], 60, 16), ([16, 8], 28, 9), ([500] * 40, 20, 9), ([3, 3], 5, 2)]
)
def test_every_unit_has_a_map_on_some_page(counts: list[int], width: int, height: int) -> None:
    wide, tall, found = pages(counts, width, height)
    across = max(1, width // wide)
    units = [(part.layer, unit) for page in found for part in page for unit in range(part.first, part.stop)]
    assert units == [(layer, unit) for layer, count in enumerate(counts) for unit in range(count)]
    for page in found:
        lines = sum(1 + tall * -(-(part.stop - part.first) // across) for part in page)
        assert lines <= max(height, 1 + tall)


def test_maps_are_as_large_as_the_room_allows() -> None:
    assert pages([4], 60, 29)[:2] == (28, 14)
    assert len(pages([16, 8], 28, 9)[2]) == 3
    assert len(pages([16, 8], 46, 24)[2]) == 1
