"""The commands by name, and where the function of each is, or the group of its own commands; it is imported to run."""

COMMANDS = {
    "train": "commands.train:train",
    "search": "commands.search:search",
    "race": "commands.race:race",
    "predict": "commands.predict:predict",
    "explain": "understand.explain:explain",
    "datasets": "commands.datasets:datasets",
    "runs": "commands.runs.group:runs",
    "resume": "commands.resume:resume",
    "open": "commands.open_model:open_model",
    "report": "commands.runs.report:report",
    "export": "commands.export:export",
    "check": "commands.check:check",
    "serve-model": "commands.serve_model:serve_model",
    "learn": "commands.learn:learn",
    "keys": "terminal.keys:keys",
    "completions": "terminal.completions:completions",
    "man": "terminal.man_page:man",
}
