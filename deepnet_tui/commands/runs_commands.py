"""The commands of the Runs screen."""

from __future__ import annotations

from deepnet_tui.commands.command import commands_of

_runs = commands_of("In the Runs screen", "runs_screen", "runs_")

RUNS_SCREEN = (
    _runs("mark", "space", "mark", "Mark the selected run: its curve is drawn", "mark"),
    _runs("mark_listed", "M", "mark all", "Mark all runs that are listed, at most 64", "mark_listed"),
    _runs("unmark", "c", "clear", "Remove all marks", "unmark"),
    _runs("filter", "slash", "filter", "Filter: words, source:moons state:completed tag:paper star:", "filter"),
    _runs("sort", "s", "sort", "Choose what the list is sorted by", "sort"),
    _runs("reverse", "S", "reverse", "Sort the other way round", "reverse"),
    _runs("open", "enter", "open", "Open the selected run's experiment in the workspace", "open"),
    _runs("trained", "p", "with parameters", "Open it and start from its final parameters", "open_trained"),
    _runs("race", "R", "race", "Race the settings of the marked runs on the present data", "race"),
    _runs("star", "asterisk", "star", "Give the selected run a star, or take it away", "star"),
    _runs("name", "n", "name", "Name the selected run", "edit('name')"),
    _runs("note", "N", "note", "Write a note about the selected run", "edit('note')"),
    _runs("tags", "t", "tags", "Tag the selected run", "edit('tags')"),
    _runs("delete", "x,delete", "delete", "Delete the selected run", "delete"),
    _runs("restore", "u", "restore", "Bring back the run that was deleted last", "restore"),
    _runs("down", "down,j", "down", "Next run", "move(1)"),
    _runs("up", "up,k", "up", "Previous run", "move(-1)"),
    _runs("page_down", "pagedown", "page down", "A page further down", "page(1)"),
    _runs("page_up", "pageup", "page up", "A page further up", "page(-1)"),
    _runs("first", "home", "first", "First run", "move(-1000000)"),
    _runs("last", "end", "last", "Last run", "move(1000000)"),
    _runs("cursor_right", "right", "cursor", "Cursor in the chart to the next reports: exact values", "cursor(1)"),
    _runs("cursor_left", "left", "cursor", "Cursor to the reports before", "cursor(-1)"),
    _runs("axis", "h", "axis", "Next horizontal axis: iterations, epochs, seconds", "axis"),
    _runs("cost", "v", "cost", "Draw the training cost / the validation cost", "cost"),
    _runs("smooth", "e", "smooth", "Smooth the curves: moving average with 0.6, 0.9, 0.98, or not", "smooth"),
    _runs("log_cost", "L", "log", "Toggle the logarithmic cost axis", "log_cost"),
    _runs("log_axis", "l", "log across", "Toggle the logarithmic horizontal axis", "log_axis"),
    _runs("zoom_in", "plus,equals_sign", "zoom in", "See half as much of the axis, around the cursor", "zoom(0.5)"),
    _runs("zoom_out", "minus", "zoom out", "See twice as much of the axis", "zoom(2.0)"),
    _runs("pan_right", "full_stop", "pan right", "Move along the axis", "pan(0.25)"),
    _runs("pan_left", "comma", "pan left", "Move back along the axis", "pan(-0.25)"),
    _runs("whole", "0", "whole", "See the whole axis, without a cursor", "whole"),
    _runs("side", "tab", "settings", "Switch between chart and settings, where one has room", "side"),
    _runs("text_down", "J", "more text", "Scroll the settings down", "text(1)"),
    _runs("text_up", "K", "previous text", "Scroll the settings up", "text(-1)"),
    _runs("fill", "z", "zoom", "Let chart and settings fill the screen, or restore the list", "fill"),
    _runs("copy", "y", "copy", "Copy the list and the values of the marked runs", "copy"),
)
