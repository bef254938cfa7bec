"""docs/keys.md: `python -m deepnet_tui.commands.manual > docs/keys.md`."""

from __future__ import annotations

from deepnet_tui.commands.key_names import shown
from deepnet_tui.commands.mouse import GESTURES
from deepnet_tui.commands.registry import groups

END = """\
A single key works wherever the focus is, unless a text field is being edited.

Programs around the app take keys before it sees them: VS Code's terminal ctrl+p and ctrl+q, tmux and screen their
prefix. So `:` opens the palette as well, and `Q` quits; in VS Code's terminal the last line shows these. What your
terminal really sends, and which command has it, is shown by `deepnet-tui keys`. [terminals.md](terminals.md) has the
rest: copying over SSH, slow lines, plain characters.

Keys are changed in `config.toml`, in the user's configuration folder or in `DEEPNET_TUI_HOME`. "Theme" in the palette
lists the names of the themes:

```toml
theme = "nord"

[keys]
train = "space,enter"
```

A key that two commands of one pane would have is refused in a sentence that names the key, both commands and the
pane, and the usual keys are used. Escape always goes back, and can't be given away.

`hide` removes controls for good: the commands named there do nothing and are not offered, and the panes `data_pane`,
`architecture_pane` and `training_pane` of the design are not shown. All names above from "Training" to "Views" are
allowed. It stands above `[keys]`:

```toml
hide = ["export", "write", "view_picture", "training_pane"]
```
"""


def manual() -> str:
    """The text of docs/keys.md."""
    lines = ["# Keys", "", "Made from `deepnet_tui/commands/` by `python -m deepnet_tui.commands.manual`.", ""]
    for group, commands in groups().items():
        lines += [f"## {group}", "", "| key | does | name for rebinding |", "|---|---|---|"]
        lines += [f"| `{shown(c.keys).replace(' ', '` `')}` | {c.help} | `{c.id}` |" for c in commands]
        lines.append("")
    lines += ["## Mouse", "", "| mouse | does |", "|---|---|", *(f"| {name} | {text} |" for name, text in GESTURES), ""]
    return "\n".join([*lines, END])


if __name__ == "__main__":
    print(manual(), end="")  # noqa: T201
