"""Every command of the app, once: footer, help, palette, bindings and docs/keys.md are made from this list.

An entry's action is the method `action_<id>` of the main screen, or of the list that has the focus, unless it
names another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from deepnet_tui.commands.views import VIEWS
from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import did_you_mean


@dataclass(frozen=True)
class Command:
    """One thing that the user can do. `keys` are separated by commas; `footer` > 0 orders the key line."""

    id: str
    keys: str
    label: str
    help: str
    group: str
    scope: str = "main"
    footer: int = 0
    calls: str = ""

    @property
    def action(self) -> str:
        """The action as Textual runs it."""
        return self.calls or self.id


def _in(group: str, scope: str, prefix: str = "") -> Callable[..., Command]:
    """Makes the commands of one kind of pane: from a name, keys, a label, a help text, and what is called."""

    def command(name: str, keys: str, label: str, help_: str, calls: str = "") -> Command:
        return Command(prefix + name, keys, label, help_, group, scope, calls=calls)

    return command


_explain = _in("In Explain", "explain", "explain_")
_column = _in("In the data screen", "columns")
_evaluate = _in("In Evaluate", "evaluate", "evaluate_")
_run = _in("In Runs", "runs", "run_")
_parameter = _in("In Parameters", "parameters", "parameter_")

COLUMNS = (
    _column("use", "enter", "use these data", "Use these data"),
    _column("column_target", "t", "target", "Make the chosen column the target"),
    _column("column_role", "space", "use or not", "Learn from the chosen column, or leave it out"),
    _column("column_kind", "right", "kind", "The next kind for the chosen column", "column_kind(1)"),
    _column("column_kind_back", "left", "kind", "The kind before for the chosen column", "column_kind(-1)"),
    _column("rows", "p", "first rows", "First rows, or what was found"),
    _column("held_out", "h", "held out", "Type the share that is held out"),
    _column("split_seed", "s", "seed", "Type the seed of the split"),
    _column("column_menu", "m", "menu", "All that the chosen column can be"),
    _column("column_as_found", "backspace", "as found", "Take back what was decided on the chosen column"),
)


EVALUATE = (
    _evaluate("next", "right", "next page", "The next page", "page(1)"),
    _evaluate("previous", "left", "page before", "The page before", "page(-1)"),
    _evaluate("part", "v", "next part", "Train, held out or test", "part"),
    _evaluate("down", "down,j", "down", "Down the table; the next of the worst mistakes", "move(1)"),
    _evaluate("up", "up,k", "up", "Up the table; the mistake before", "move(-1)"),
)


RUNS = (
    _run("down", "down,j", "down", "The run before this one", "choose(1)"),
    _run("up", "up,k", "up", "The run after this one", "choose(-1)"),
    _run("newest", "home", "newest", "The newest run", "choose(-1000000)"),
    _run("oldest", "end", "oldest", "The oldest run", "choose(1000000)"),
    _run("open", "enter", "experiment", "Open the chosen run's experiment", "open"),
    _run("trained", "p", "with parameters", "Open it with the parameters it ended with", "open_trained"),
    _run("mark", "m", "mark", "Compare with the chosen run from here on, or again with the present", "mark"),
    _run("compare", "right,left", "compare", "The comparison instead of the list, and back", "compare"),
)


PARAMETERS = (
    _parameter("previous", "up,k", "previous", "The parameter before", "choose(-1)"),
    _parameter("next", "down,j", "next", "The next parameter", "choose(1)"),
    _parameter("first", "home", "first", "The first parameter", "choose(-100000)"),
    _parameter("last", "end", "last", "The last parameter", "choose(100000)"),
    _parameter("more_rows", "pagedown", "more rows", "More rows of its numbers", "page(1, 0)"),
    _parameter("earlier_rows", "pageup", "earlier rows", "Earlier rows", "page(-1, 0)"),
    _parameter("more_columns", "right", "more columns", "More columns", "page(0, 1)"),
    _parameter("earlier_columns", "left", "earlier columns", "Earlier columns", "page(0, -1)"),
)
LESSON = (
    Command("lesson_on", "n,greater_than_sign", "on", "On to the next step of the lesson", "In a lesson", "lesson"),
    Command("lesson_back", "N,less_than_sign", "back", "Back to the step before", "In a lesson", "lesson"),
    Command(
        "lesson_down", "J", "more text", "Further down in a step, where not all of it fits", "In a lesson", "lesson"
    ),
    Command("lesson_up", "K", "text before", "Back up in the step", "In a lesson", "lesson"),
)
EXPLAIN = (
    _explain("next", "right", "next", "The next operation", "step(1)"),
    _explain("previous", "left", "previous", "The operation before", "step(-1)"),
    _explain("first", "home", "first", "The first operation", "step(-1000000)"),
    _explain("last", "end", "last", "The last operation", "step(1000000)"),
    _explain("next_layer", "pagedown", "next layer", "On to the next layer", "layer(1)"),
    _explain("previous_layer", "pageup", "layer before", "Back to the layer before", "layer(-1)"),
    _explain("down", "down,j", "down", "The entry below", "move(1, 0)"),
    _explain("up", "up,k", "up", "The entry above", "move(-1, 0)"),
    _explain("right", "l", "right", "The entry to the right", "move(0, 1)"),
    _explain("left", "h", "left", "The entry to the left", "move(0, -1)"),
    _explain("follow", "enter", "follow", "Follow the entry back to where it was made", "follow"),
    _explain("return", "backspace", "return", "Return to the entry that was followed", "return"),
    _explain("next_example", "full_stop", "next example", "The next example", "example(1)"),
    _explain("previous_example", "comma", "example before", "The example before", "example(-1)"),
    _explain("number", "i", "example", "Type the number of an example", "number"),
    _explain("more", "plus,equals_sign", "more", "One example more at once; from 8 on 16, 32, ... all", "more(1)"),
    _explain("fewer", "minus", "fewer", "Fewer examples at once", "more(-1)"),
    _explain("guess", "g", "guess", "Predict, then reveal: results are hidden until you ask", "guess"),
    _explain("live", "f", "follow", "Let the numbers follow the training, or hold them", "follow_live"),
    _explain("check", "c", "check", "Check the gradients, and back to the steps", "check"),
)

COMMANDS: tuple[Command, ...] = (
    Command("train", "space", "train", "Train, pause, go on", "Training", footer=1),
    Command("step", "s", "step", "Train one iteration", "Training", footer=2),
    Command("step_report", "S", "report", "Train to the next report", "Training", footer=8),
    Command("reset", "r", "reset", "Re-initialise: back to the first parameters", "Training", footer=3),
    Command("back", "left_square_bracket", "back", "Back through the run's snapshots", "Training", footer=9),
    Command("forth", "right_square_bracket", "forth", "Forth through the run's snapshots", "Training"),
    Command("branch", "b", "branch", "Train on from the snapshot that is shown", "Training", footer=2),
    Command("add_layer", "a", "add layer", "Add a hidden layer after the chosen one", "Network", footer=4),
    Command("remove_layer", "x", "remove layer", "Remove the chosen hidden layer", "Network", footer=10),
    Command("activation", "t", "activation", "Change the activation of the chosen layer", "Network", footer=11),
    Command("undo", "u", "undo", "Undo an edit; a trained network comes back with it", "Network", footer=7),
    Command("redo", "U", "redo", "Redo an edit", "Network"),
    Command("data", "d", "data", "Choose data: a built-in set or a file", "Files", footer=5),
    Command("export", "e", "export", "Export the network to a file", "Files", footer=6),
    Command("open", "o", "open", "Open an experiment", "Files"),
    Command("write", "w", "write", "Write the experiment to a file", "Files"),
    Command("copy", "y", "copy", "Copy what the focused pane shows", "Files"),
    Command("design", "0", "design", "Show the design: data, architecture, training", "Views"),
    *(
        Command(f"view_{view.id}", str(number), view.title, view.help, "Views", calls=f"view('{view.id}')")
        for number, view in enumerate(VIEWS, start=1)
    ),
    Command("zoom", "z", "zoom", "The focused pane fills the screen, and back", "Views", footer=12),
    Command("log_axis", "L", "log axis", "Logarithmic cost axis, and back", "Views", footer=13),
    Command("next_pane", "tab", "next pane", "On to the next pane", "Views"),
    Command("previous_pane", "shift+tab", "previous pane", "Back to the pane before", "Views"),
    Command("help", "question_mark,f1", "help", "Show all keys", "App", footer=20),
    Command("palette", "ctrl+p", "palette", "Find a command by its name", "App", footer=21),
    Command("quit", "ctrl+q", "quit", "Quit; asks while training", "App", footer=14),
    Command("less", "left,minus", "less", "Fewer units, or the next smaller value", "In a list", "list"),
    Command("more", "right,plus,equals_sign", "more", "More units, or the next larger value", "In a list", "list"),
    Command("select", "enter", "edit", "Type a value or choose one; Enter or Escape ends it", "In a list", "list"),
    Command("cursor_down", "down,j", "down", "Down", "In a list", "list"),
    Command("cursor_up", "up,k", "up", "Up", "In a list", "list"),
    *PARAMETERS,
    *EXPLAIN,
    *EVALUATE,
    *RUNS,
    *COLUMNS,
    *LESSON,
    Command("map_plane", "v", "plane", "Two features, or the two principal components", "In Boundary", "boundary"),
    Command("map_discrete", "m", "bands", "Only the decision, or how sure it is", "In Boundary", "boundary"),
    Command("map_examples", "p", "points", "Show or hide the examples", "In Boundary", "boundary"),
    Command("map_across", "right", "across", "The next feature across", "In Boundary", "boundary"),
    Command("map_across_back", "left", "across", "The feature before across", "In Boundary", "boundary"),
    Command("map_up", "up", "upward", "The next feature upward", "In Boundary", "boundary"),
    Command("map_up_back", "down", "upward", "The feature before upward", "In Boundary", "boundary"),
    Command("map_units", "pagedown", "more units", "The next hidden units", "In Boundary", "boundary"),
    Command("map_units_back", "pageup", "units before", "The hidden units before", "In Boundary", "boundary"),
    Command("finding_next", "down,j", "next finding", "The next finding", "In Health", "health"),
    Command("finding_previous", "up,k", "finding before", "The finding before", "In Health", "health"),
    Command("health_down", "pagedown", "down", "Further down, where not all fits", "In Health", "health"),
    Command("health_up", "pageup", "up", "Back up", "In Health", "health"),
    Command("remedy", "f,enter", "take remedy", "Take the remedy of the chosen finding", "In Health", "health"),
    Command("unit_right", "right", "layer right", "On to the next layer", "In Picture", "picture"),
    Command("unit_left", "left", "layer left", "Back to the layer before", "In Picture", "picture"),
    Command("unit_down", "down,j", "unit down", "The next unit", "In Picture", "picture"),
    Command("unit_up", "up,k", "unit up", "The unit before", "In Picture", "picture"),
    Command("weight_next", "n", "next weight", "The unit's next weight", "In Picture", "picture"),
    Command("weight_previous", "N,p", "weight before", "The unit's weight before", "In Picture", "picture"),
    Command("weight_change", "enter", "change", "Type another value for the weight or bias", "In Picture", "picture"),
)

PANES = {"data_pane": "#data", "architecture_pane": "#architecture", "training_pane": "#training"}

NAMES = {
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "question_mark": "?",
    "f1": "F1",
    "minus": "-",
    "plus": "+",
    "equals_sign": "=",
    "comma": ",",
    "full_stop": ".",
    "greater_than_sign": ">",
    "less_than_sign": "<",
    "left": "←",
    "right": "→",
    "home": "Home",
    "end": "End",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "up": "↑",
    "down": "↓",
    "shift+tab": "shift-tab",
}


def shown(keys: str, first: bool = False) -> str:
    """Keys as people read them."""
    names = [NAMES.get(key, key.replace("ctrl+", "^") if key.startswith("ctrl+") else key) for key in keys.split(",")]
    return names[0] if first else " ".join(names)


def rebound(changes: Mapping[str, str]) -> tuple[Command, ...]:
    """The commands with other keys.

    Raises InputError for an unknown command or key, and for a key with two meanings.
    """
    known = {command.id for command in COMMANDS}
    for name, wanted in changes.items():
        if name not in known:
            instead = did_you_mean(name, known, 3) or "docs/keys.md and F1 name them all"
            raise InputError(f"there is no command {name!r}; {instead}", name)
        for key in wanted.split(","):
            if not is_key(key):
                raise InputError(
                    f"there is no key {key!r}; keys are written like a, A, f5, ctrl+s, space or full_stop", name
                )
    commands = tuple(replace(command, keys=changes.get(command.id, command.keys)) for command in COMMANDS)
    for scope in sorted({command.scope for command in commands}):
        owner: dict[str, str] = {}
        for command in commands:
            for key in command.keys.split(",") if command.scope == scope else ():
                if key in owner:
                    raise InputError(f"the key {shown(key)} is given to both {owner[key]} and {command.id}", command.id)
                owner[key] = command.id
    return commands


def is_key(name: str) -> bool:
    """Whether a terminal can send a key that is called so."""
    from textual.keys import Keys

    *modifiers, key = name.split("+")
    if not set(modifiers) <= {"ctrl", "shift", "alt"} or len(set(modifiers)) < len(modifiers):
        return False
    if len(key) == 1:
        return key.isalnum()
    return key in {entry.value for entry in Keys} or key in NAMES or _is_character(key)


def _is_character(name: str) -> bool:
    """Whether this is how Textual calls a character: full_stop."""
    import unicodedata

    try:
        unicodedata.lookup(name.replace("_", " "))
    except KeyError:
        return name in ("minus", "plus", "slash", "underscore")
    return True


def hideable() -> tuple[str, ...]:
    """What a lesson or the configuration can put away: commands of the main screen, and panes of the design."""
    always = ("help", "palette", "quit")
    return (*(entry.id for entry in COMMANDS if entry.scope == "main" and entry.id not in always), *PANES)


def groups(commands: Iterable[Command] = COMMANDS) -> dict[str, list[Command]]:
    """The commands by group, in order."""
    grouped: dict[str, list[Command]] = {}
    for command in commands:
        grouped.setdefault(command.group, []).append(command)
    return grouped


def manual() -> str:
    """docs/keys.md."""
    lines = ["# Keys", "", "Made from `deepnet_tui/keys.py` by `python -m deepnet_tui.commands.registry`.", ""]
    for group, commands in groups().items():
        lines += [f"## {group}", "", "| key | does | name for rebinding |", "|---|---|---|"]
        lines += [f"| `{shown(c.keys).replace(' ', '` `')}` | {c.help} | `{c.id}` |" for c in commands]
        lines.append("")
    lines += [
        "A single key works wherever the focus is, unless a text field is being edited.",
        "",
        "Keys are changed in `config.toml` (`deepnet-tui` looks for it in the user's configuration folder, or in",
        "`DEEPNET_TUI_HOME`). Theme in the palette lists the names of the themes:",
        "",
        "```toml",
        'theme = "nord"',
        "",
        "[keys]",
        'train = "space,enter"',
        "```",
        "",
        "`hide` puts controls away for good: the commands named do nothing and are not offered, and of the design the",
        "panes `data_pane`, `architecture_pane` and `training_pane` can go. All names above but those of `help`,",
        "`palette` and `quit` that work on the whole screen are allowed. It stands above `[keys]`:",
        "",
        "```toml",
        'hide = ["export", "write", "view_picture", "training_pane"]',
        "```",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(manual(), end="")  # noqa: T201
