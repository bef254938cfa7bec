"""The entry of the command line: runs one command and turns every error into one line and an exit code."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

from deepnet_tui.cli.output import tell
from deepnet_tui.cli.registry import COMMANDS, QUICK, function_of
from deepnet_tui.common.errors import InputError
from deepnet_tui.terminal.characters import make_plain

BAD_INPUT = 2
BROKEN_PIPE = 141
RARE_COLLECTIONS = (50_000, 20, 100)  # of garbage: with Python's own numbers a twelfth of the start is spent on it
ENVIRONMENT = {
    "OPENBLAS_THREAD_TIMEOUT": "20",  # idle threads keep a core for 2^20 ticks, half a millisecond; else for 2^26
    "TEXTUAL_FPS": "200",  # a frame waits 5 ms for another that it could be painted with; else 17
}

OPTIONS = {"units": "--hidden"}  # settings that have another name as an option


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code. What people did wrong ends in one line on stderr, never a traceback."""
    before = gc.get_threshold()
    prepare_process()
    try:
        return _main(arguments)
    finally:
        gc.set_threshold(*before)


def prepare_process() -> None:
    """What comes before anything heavy is loaded: garbage is collected rarely, idle threads of OpenBLAS give their
    core back (beside a busy process a large network is trained up to 1.6 times as fast), frames are painted soon.

    What is in the environment already stays as it is.
    """
    gc.set_threshold(*RARE_COLLECTIONS)
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)


def _main(arguments: Sequence[str] | None) -> int:
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        make_plain(stream, os.environ)
    try:
        code = _run(words)
        if sys.stdout is not None:  # it is None where the shell closed it
            sys.stdout.flush()
    except (BrokenPipeError, SystemExit):  # typer makes a SystemExit of a reader that has gone
        _forget_output()
        return BROKEN_PIPE
    except OSError as error:
        if error.filename is not None:  # stdout has no name, so this is a mistake of ours
            raise
        _forget_output()
        return _say(f"can't write the output: {(error.strerror or str(error)).lower()}")
    except InputError as error:
        return _say(_with_option(error, words))
    except ValueError as error:
        if not hasattr(error, "field"):  # SpecError and DataError have one; any other is a mistake of ours
            raise
        return _say(_with_option(error, words))
    except MemoryError:
        return _say("there is not enough memory for this; make the network or the batch smaller")
    return code


def _run(words: list[str]) -> int:
    """What is no command opens the app; without options that takes no parser, which saves a tenth of the start."""
    if len(words) < 2 and not any(word.startswith("-") or word in COMMANDS for word in words):
        from deepnet_tui.cli.commands.open_app import open_app

        return open_app(words[0] if words else None)
    if words[0] in QUICK:
        from deepnet_tui.cli.parameters.quick import read_quickly

        command = function_of(COMMANDS[words[0]])
        values = read_quickly(command, words[1:])
        if values is not None:
            return int(command(**values) or 0)
    from deepnet_tui.cli.parser import parse

    return parse(words)


def _forget_output() -> None:
    """What could not be written must not be tried again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _with_option(error: InputError | ValueError, words: list[str]) -> str:
    """The message, after the option that was given for the setting it is about."""
    message, field = str(error), getattr(error, "field", "")
    option = OPTIONS.get(field, "--" + field.replace("_", "-"))
    given = any(word.partition("=")[0] == option for word in words)
    if not given or message.startswith("--"):
        return message
    name, _, rest = message.partition(" must be ")
    same = field not in OPTIONS and name.rpartition(".")[2] == field
    return f"{option} must be {rest}" if rest and same else f"{option}: {message}"


def _say(message: str) -> int:
    tell("deepnet-tui: " + " ".join(message.split()))
    return BAD_INPUT
