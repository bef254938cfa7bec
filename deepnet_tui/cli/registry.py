"""The commands by name, and where the function of each is; it is imported when the command runs."""

COMMANDS = {
    "train": "train:train",
    "predict": "commands.predict:predict",
    "datasets": "commands.datasets:datasets",
    "runs": "commands.runs:runs",
    "resume": "train:resume",
    "export": "commands.export:export",
    "check": "commands.check:check",
    "learn": "commands.learn:learn",
}
