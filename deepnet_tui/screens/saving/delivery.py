"""Where a file goes that was saved: it stays where it is, and in a browser it is downloaded, too."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

from textual.app import App

from deepnet_tui.common.confinement import shown_path

SENT = "your browser downloads it"


def deliver(app: App[Any], path: str | Path, sentence: str) -> str:
    """Hand a file, or a folder as an archive, to the browser in which the app is used, if it is; gives the sentence
    that says what has become of it."""
    if not app.is_web:
        return sentence
    path = Path(path)
    if path.is_dir():
        app.deliver_binary(io.BytesIO(archive(path)), save_filename=f"{path.name}.zip")
    else:
        app.deliver_binary(path, save_filename=path.name)
    return f"{shown_path(sentence)}; {SENT}"


def archive(folder: Path) -> bytes:
    """The files of a folder as one .zip."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as zipped:
        for file in sorted(folder.iterdir()):
            zipped.write(file, f"{folder.name}/{file.name}")
    return content.getvalue()
