"""The command line: one file a command. Nothing is imported before a command needs it, not even typer for the app."""

TYPE_CHECKING = False  # as in the package above: until `main` runs, Ctrl-C would show what is being imported
if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130


def main(arguments: "Sequence[str] | None" = None) -> int:
    """Run one command and give its exit code; Ctrl-C while it is being imported ends in a word, too."""
    try:
        from deepnet_tui.cli.entry import main as run

        return run(arguments)
    except KeyboardInterrupt:
        import sys

        if sys.stderr is not None:
            print("interrupted", file=sys.stderr)
        return INTERRUPTED


__all__ = ["main"]
