"""The commands of the views."""

from __future__ import annotations

from deepnet_tui.commands.command import commands_of

_cost = commands_of("In the cost chart", "cost", "cost_")
_parameter = commands_of("In Parameters", "parameters", "parameter_")
_explain = commands_of("In Explain", "explain", "explain_")
_boundary = commands_of("In Boundary", "boundary", "map_")
_health = commands_of("In Health", "health")
_evaluate = commands_of("In Evaluate", "evaluate", "evaluate_")
_run = commands_of("In Runs", "runs", "run_")
_picture = commands_of("In Picture", "picture")

COST = (
    _cost("zoom_in", "plus,equals_sign", "zoom in", "See half as much of the axis: the newest half", "zoom(0.5)"),
    _cost("zoom_out", "minus", "zoom out", "See twice as much of the axis", "zoom(2.0)"),
    _cost("pan_right", "full_stop", "pan right", "Move along the axis", "pan(0.25)"),
    _cost("pan_left", "comma", "pan left", "Move back along the axis", "pan(-0.25)"),
    _cost("whole", "backspace", "whole axis", "See the whole axis", "whole"),
)
PARAMETERS = (
    _parameter("previous", "up,k", "previous", "Previous parameter", "choose(-1)"),
    _parameter("next", "down,j", "next", "Next parameter", "choose(1)"),
    _parameter("first", "home", "first", "First parameter", "choose(-100000)"),
    _parameter("last", "end", "last", "Last parameter", "choose(100000)"),
    _parameter("more_rows", "pagedown", "next rows", "Next rows of the matrix", "page(1, 0)"),
    _parameter("earlier_rows", "pageup", "previous rows", "Previous rows", "page(-1, 0)"),
    _parameter("more_columns", "right", "next columns", "Next columns", "page(0, 1)"),
    _parameter("earlier_columns", "left", "previous columns", "Previous columns", "page(0, -1)"),
)
EXPLAIN = (
    _explain("next", "right", "next", "Next operation", "step(1)"),
    _explain("previous", "left", "previous", "Previous operation", "step(-1)"),
    _explain("first", "home", "first", "First operation", "step(-1000000)"),
    _explain("last", "end", "last", "Last operation", "step(1000000)"),
    _explain("next_layer", "pagedown", "next layer", "Next layer", "layer(1)"),
    _explain("previous_layer", "pageup", "previous layer", "Previous layer", "layer(-1)"),
    _explain("down", "down,j", "down", "Entry below", "move(1, 0)"),
    _explain("up", "up,k", "up", "Entry above", "move(-1, 0)"),
    _explain("right", "l", "right", "Entry to the right", "move(0, 1)"),
    _explain("left", "h", "left", "Entry to the left", "move(0, -1)"),
    _explain("follow", "enter", "follow", "Go to the operation that computed the entry", "follow"),
    _explain("return", "backspace", "return", "Go back to the entry that was followed", "return"),
    _explain("next_example", "full_stop", "next example", "Next example", "example(1)"),
    _explain("previous_example", "comma", "previous example", "Previous example", "example(-1)"),
    _explain("number", "i", "example", "Go to an example by its number", "number"),
    _explain("more", "plus,equals_sign", "more", "Show one example more; from 8 on 16, 32, ... all", "more(1)"),
    _explain("fewer", "minus", "fewer", "Show fewer examples", "more(-1)"),
    _explain("guess", "g", "guess", "Guess first: results stay hidden until you ask", "guess"),
    _explain("live", "f", "follow", "Follow the training, or hold the numbers", "follow_live"),
    _explain("check", "c", "check", "Check the gradients, or return to the operations", "check"),
)
BOUNDARY = (
    _boundary("plane", "v", "plane", "Two features, or the two principal components"),
    _boundary("discrete", "m", "regions", "Toggle class regions / confidence"),
    _boundary("examples", "p", "examples", "Show or hide the examples"),
    _boundary("network", "n", "one network", "Toggle the mean of an ensemble / the network that is shown"),
    _boundary("across", "right", "horizontal", "Next feature on the horizontal axis"),
    _boundary("across_back", "left", "horizontal", "Previous feature on the horizontal axis"),
    _boundary("up", "up", "vertical", "Next feature on the vertical axis"),
    _boundary("up_back", "down", "vertical", "Previous feature on the vertical axis"),
    _boundary("units", "pagedown", "next units", "Next hidden units"),
    _boundary("units_back", "pageup", "previous units", "Previous hidden units"),
)
HEALTH = (
    _health("finding_next", "down,j", "next finding", "Next finding"),
    _health("finding_previous", "up,k", "previous finding", "Previous finding"),
    _health("health_down", "pagedown", "down", "Scroll down"),
    _health("health_up", "pageup", "up", "Scroll up"),
    _health("health_page", "v", "histograms", "Weights, activations, gradients over time, or the findings"),
    _health("remedy", "f,enter", "apply remedy", "Apply the remedy of the selected finding"),
)
EVALUATE = (
    _evaluate("next", "right", "next page", "Next page", "page(1)"),
    _evaluate("previous", "left", "previous page", "Previous page", "page(-1)"),
    _evaluate("part", "v", "next part", "Next part: train, validation or test", "part"),
    _evaluate("folds", "f", "folds", "Cross-validation: train and test on five folds, or stop", "folds"),
    _evaluate("importance", "i", "importance", "What matters: the importance of every column", "importance"),
    _evaluate("open", "enter", "curve", "The curve of the chosen column; again: next class or target", "open"),
    _evaluate("close", "backspace", "back", "Back from the curve to the columns", "close"),
    _evaluate("what_if", "c", "what if", "What if: change the values of an example", "what_if"),
    _evaluate("down", "down,j", "down", "Scroll down, or the next mistake or column", "move(1)"),
    _evaluate("up", "up,k", "up", "Scroll up, or the previous mistake or column", "move(-1)"),
)
RUNS = (
    _run("down", "down,j", "down", "Next run, an older one", "choose(1)"),
    _run("up", "up,k", "up", "Previous run, a newer one", "choose(-1)"),
    _run("newest", "home", "newest", "Newest run", "choose(-1000000)"),
    _run("oldest", "end", "oldest", "Oldest run", "choose(1000000)"),
    _run("open", "enter", "experiment", "Open the selected run's experiment", "open"),
    _run("trained", "p", "with parameters", "Open it and start from its final parameters", "open_trained"),
    _run("mark", "m", "mark", "Mark the selected run: others are compared with it", "mark"),
    _run("race", "R", "race", "Race the settings of the marked and the selected run on the present data", "race"),
    _run("compare", "right,left", "compare", "Switch between the list and the comparison", "compare"),
)
PICTURE = (
    _picture("unit_right", "right", "next layer", "Next layer"),
    _picture("unit_left", "left", "previous layer", "Previous layer"),
    _picture("unit_down", "down,j", "next unit", "Next unit"),
    _picture("unit_up", "up,k", "previous unit", "Previous unit"),
    _picture("weight_next", "n", "next weight", "Next weight of the unit"),
    _picture("weight_previous", "N,p", "previous weight", "Previous weight of the unit"),
    _picture("weight_change", "enter", "edit", "Edit the weight or the bias"),
)
IN_VIEWS = (*COST, *PARAMETERS, *EXPLAIN, *BOUNDARY, *HEALTH, *EVALUATE, *RUNS, *PICTURE)
