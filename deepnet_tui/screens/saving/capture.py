"""What a pane shows, as SVG; and SVG as PNG."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

from rich.console import Console
from rich.segment import Segment, Segments

from deepnet_tui.common.confinement import is_confined
from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import one_line

if TYPE_CHECKING:
    from textual.widget import Widget

FONT = re.compile(r"@font-face\s*\{.*?\}", re.DOTALL)  # rich's picture asks for a font in the internet
SECONDS = 60


def pane_svg(pane: Widget, title: str) -> str:
    """The pane as it stands on its screen. It asks for no file and no font from anywhere."""
    region = pane.region.intersection(pane.screen.region)
    strips = pane.screen._compositor.render_strips()  # private; App.export_screenshot does the same (textual 8.2.5)
    console = Console(
        width=region.width,
        height=region.height,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        record=True,
        legacy_windows=False,
        safe_box=False,
    )
    segments: list[Segment] = []
    for strip in strips[region.y : region.bottom]:
        segments += [*strip.crop(region.x, region.right), Segment.line()]
    console.print(Segments(segments), end="", crop=False, no_wrap=True, overflow="ignore")
    return FONT.sub("", console.export_svg(title=title, unique_id="pane"))


def to_png(svg: str) -> bytes:
    """The picture as PNG, twice as large. Raises InputError where there is nothing that converts it."""
    try:
        import cairosvg
    except (ImportError, OSError):  # the latter where the library cairo is not there
        pass
    else:
        return bytes(cairosvg.svg2png(bytestring=svg.encode("utf-8"), scale=2))
    converter = None if is_confined() else shutil.which("rsvg-convert")
    if converter is None:
        install = "pip install 'deepnet-tui[pictures]'"
        missing = "cairosvg, which isn't" if is_confined() else "cairosvg or rsvg-convert, and neither is"
        raise InputError(f"PNG needs {missing} installed: {install}; .svg needs nothing")
    try:
        done = subprocess.run(  # noqa: S603  a fixed program on our own text
            [converter, "--zoom", "2", "--format", "png"],
            input=svg.encode("utf-8"),
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise InputError(f"rsvg-convert failed: {one_line(error)}") from None
    return done.stdout
