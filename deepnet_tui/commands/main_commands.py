"""The commands of the main screen, which work wherever the focus is, and those of every list."""

from __future__ import annotations

from deepnet_tui.commands.command import Command
from deepnet_tui.commands.views import VIEWS

TRAINING = (
    Command("train", "space", "train", "Train, pause or resume", "Training", footer=1),
    Command("step", "s", "step", "Train one iteration", "Training", footer=2),
    Command("step_report", "S", "report", "Train to the next report", "Training", footer=8),
    Command("reset", "r", "reset", "Reset to the initial parameters", "Training", footer=3),
    Command("back", "left_square_bracket", "back", "Previous snapshot", "Training", footer=9),
    Command("forth", "right_square_bracket", "forward", "Next snapshot", "Training"),
    Command("search", "F", "search", "Find better settings: a search over the settings of this experiment", "Training"),
    Command("race", "R", "race", "Race several values of settings side by side", "Training", footer=2),
    Command("side_by_side", "V", "side by side", "Two or three networks side by side, trained in step", "Training"),
    Command("branch", "b", "branch", "Start a new run from the snapshot that is shown", "Training", footer=2),
)

NETWORK = (
    Command("add_layer", "a", "add layer", "Add a hidden layer after the selected one", "Network", footer=4),
    Command("remove_layer", "x", "remove layer", "Remove the selected hidden layer", "Network", footer=10),
    Command("activation", "t", "activation", "Change the activation of the selected layer", "Network", footer=11),
    Command("all_settings", "M", "all settings", "Show all training settings, or those changed first", "Network"),
    Command("undo", "u", "undo", "Undo an edit; a trained network comes back with it", "Network", footer=7),
    Command("redo", "U", "redo", "Redo an edit", "Network"),
)

FILES = (
    Command("data", "d", "data", "Choose data: a built-in set or a file", "Files", footer=5),
    Command("export", "e", "export", "Export the network to a file", "Files", footer=6),
    Command("open", "o", "open", "Open an experiment or a trained model", "Files"),
    Command("write", "w", "write", "Write the experiment to a file", "Files"),
    Command("copy", "y", "copy", "Copy the text of the focused pane", "Files"),
    Command("save_pane", "ctrl+s", "save pane", "Save a pane for a slide: SVG, PNG, text, animated", "Files"),
)

LAYOUT = (
    Command("design", "0", "design", "Show the design: data, architecture, training", "Views"),
    *(
        Command(f"view_{view.id}", str(number), view.title, view.help, "Views", calls=f"view('{view.id}')")
        for number, view in enumerate(VIEWS, start=1)
    ),
    Command(
        "histograms", "H", "histograms", "Weights, activations or gradients of every layer over time (Health)", "Views"
    ),
    Command("all_runs", "C", "runs", "All stored runs: filter, sort, label, overlay, compare", "Views"),
    Command("zoom", "z", "zoom", "Maximise the focused pane, or restore it", "Views", footer=12),
    Command(
        "next_member",
        "right_curly_bracket",
        "network",
        "Next network of an ensemble, in the views of one network",
        "Views",
        footer=4,
        calls="member(1)",
    ),
    Command(
        "previous_member",
        "left_curly_bracket",
        "previous network",
        "Previous network of an ensemble",
        "Views",
        calls="member(-1)",
    ),
    Command("log_axis", "L", "log axis", "Toggle the logarithmic cost axis", "Views", footer=13),
    Command("next_pane", "tab", "next pane", "Next pane", "Views"),
    Command("previous_pane", "shift+tab", "previous pane", "Previous pane", "Views"),
)

APP = (
    Command("help", "question_mark,f1", "help", "Show all keys", "App", footer=20),
    Command("palette", "ctrl+p,colon", "palette", "Find anything by its name", "App", footer=21),
    Command("present", "P", "present", "For a class: large and bold, fewer panes, the keys that you press", "App"),
    Command("quit", "ctrl+q,Q", "quit", "Quit; asks while training", "App", footer=14),
    Command("suspend", "ctrl+z", "suspend", "Back to the shell; fg returns, and the training goes on", "App"),
)

LIST = (
    Command("less", "left,minus", "less", "Fewer units, or the next smaller value", "In a list", "list"),
    Command("more", "right,plus,equals_sign", "more", "More units, or the next larger value", "In a list", "list"),
    Command("select", "enter", "edit", "Type a value or choose one; Enter or Escape ends it", "In a list", "list"),
    Command("cursor_down", "down,j", "down", "Next row", "In a list", "list"),
    Command("cursor_up", "up,k", "up", "Previous row", "In a list", "list"),
)

MAIN = (*TRAINING, *NETWORK, *FILES, *LAYOUT, *APP, *LIST)
