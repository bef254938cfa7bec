"""docs/keys.md: `python -m deepnet_tui.commands.manual > docs/keys.md`."""

from __future__ import annotations

from deepnet_tui.commands.key_names import shown
from deepnet_tui.commands.registry import groups

END = """\
A single key works wherever the focus is, unless a text field is being edited.

Keys are changed in `config.toml`, in the user's configuration folder or in `DEEPNET_TUI_HOME`. "Theme" in the palette
lists the names of the themes:

```toml
theme = "nord"

[keys]
train = "space,enter"
```

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
    return "\n".join([*lines, END])


if __name__ == "__main__":
    print(manual(), end="")  # noqa: T201
