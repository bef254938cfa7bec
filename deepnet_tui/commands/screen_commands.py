"""The commands of the screens: data, race, side by side, search, What if; and of a lesson."""

from __future__ import annotations

from deepnet_tui.commands.command import commands_of

_column = commands_of("In the data screen", "columns")
_race = commands_of("In a race", "race", "race_")
_side = commands_of("Side by side", "beside", "side_")
_lesson = commands_of("In a lesson", "lesson", "lesson_")
_what_if = commands_of("In What if", "whatif", "what_if_")
_search = commands_of("In the search screen", "search", "search_")

DATA_SCREEN = (
    _column("use", "enter", "use these data", "Use these data"),
    _column("column_target", "t", "target", "Make the selected column the target"),
    _column("column_role", "space", "include/exclude", "Include the selected column, or exclude it"),
    _column("column_kind", "right", "type", "Next column type", "column_kind(1)"),
    _column("column_kind_back", "left", "type", "Previous column type", "column_kind(-1)"),
    _column("rows", "p", "first rows", "Switch between the first rows and the notes"),
    _column("held_out", "h", "validation", "Set the share of the validation part"),
    _column("split_seed", "s", "seed", "Set the seed of the split"),
    _column("plane_transform", "x", "transforms", "Further inputs of a two-dimensional set", "plane('transform')"),
    _column("plane_noise", "n", "noise", "Noise of a two-dimensional set", "plane('noise')"),
    _column("plane_points", "o", "points", "Number of points of a two-dimensional set", "plane('points')"),
    _column("plane_function", "f", "function", "What the set called function is made of", "plane('function')"),
    _column("column_menu", "m", "menu", "All choices for the selected column"),
    _column("column_as_found", "backspace", "reset", "Discard your choices for the selected column"),
)
RACE = (
    _race("pause", "space", "pause", "Pause the race, or go on", "pause"),
    _race("take", "enter", "take over", "Take the chosen racer to the workspace as a trained network", "take"),
    _race("down", "down,j", "choose", "Next racer", "choose(1)"),
    _race("up", "up,k", "up", "Previous racer", "choose(-1)"),
    _race("log", "L", "log axis", "Toggle the logarithmic cost axis", "log"),
    _race("copy", "y", "copy", "Copy the ranks", "copy"),
)
SIDE_BY_SIDE = (
    _side("train", "space", "train", "Train all, or pause all", "train"),
    _side("step", "s", "step", "Train all for one iteration", "step"),
    _side("report", "S", "report", "Train all to the next report", "step_report"),
    _side("reset", "r", "reset", "All back to their start", "reset"),
    _side("differ", "c", "what differs", "Choose the setting in which they differ, and its values", "differ"),
    _side("picture", "v", "picture", "Boundary, or histograms of weights, activations, gradients", "picture"),
    _side("take", "enter", "take over", "Take the chosen network to the workspace", "take"),
    _side("right", "right,l", "choose", "Next network", "choose(1)"),
    _side("left", "left,h", "left", "Previous network", "choose(-1)"),
    _side("log", "L", "log axis", "Toggle the logarithmic cost axis", "log"),
    _side("copy", "y", "copy", "Copy the costs", "copy"),
)
LESSON = (
    _lesson("on", "n,greater_than_sign", "next", "Next step of the lesson"),
    _lesson("back", "N,less_than_sign", "back", "Previous step of the lesson"),
    _lesson("down", "J", "more text", "Scroll the text of the step down"),
    _lesson("up", "K", "previous text", "Scroll the text of the step up"),
)
SEARCH_SCREEN = (
    _search("start", "space", "start", "Start, pause or resume the search"),
    _search("take", "enter", "take settings", "Put the settings of the selected trial on the workbench"),
    _search("more", "plus,equals_sign", "10 more", "Ten trials more", "trials(10)"),
    _search("fewer", "minus", "10 fewer", "Ten trials fewer", "trials(-10)"),
    _search("down", "down,j", "down", "Next trial, a worse one", "choose(1)"),
    _search("up", "up,k", "up", "Previous trial, a better one", "choose(-1)"),
    _search("page_down", "pagedown", "next trials", "Ten trials down", "choose(10)"),
    _search("page_up", "pageup", "previous trials", "Ten trials up", "choose(-10)"),
    _search("first", "home", "best", "Best trial", "choose(-1000000)"),
    _search("last", "end", "last", "Last trial", "choose(1000000)"),
    _search("copy", "y", "copy", "Copy the table of trials"),
)
WHAT_IF = (
    _what_if("more", "right,plus,equals_sign", "larger", "Next larger value, or the next word", "step(1)"),
    _what_if("less", "left,minus", "smaller", "Next smaller value, or the previous word", "step(-1)"),
    _what_if("edit", "enter", "type", "Type a value; Enter takes it, Escape leaves it", "edit"),
    _what_if("back", "backspace", "put back", "The value of the data for the selected column", "put_back"),
    _what_if("all_back", "r", "all back", "The values of the data for every column", "all_back"),
    _what_if("next_row", "full_stop", "next row", "Next row", "row(1)"),
    _what_if("previous_row", "comma", "previous row", "Previous row", "row(-1)"),
    _what_if("answer", "c", "class", "Explain the next class or target", "next_answer"),
    _what_if("down", "down,j", "down", "Next column", "choose(1)"),
    _what_if("up", "up,k", "up", "Previous column", "choose(-1)"),
    _what_if("first", "home", "first", "First column", "choose(-1000000)"),
    _what_if("last", "end", "last", "Last column", "choose(1000000)"),
    _what_if("copy", "y", "copy", "Copy the row with its contributions", "copy_row"),
)
