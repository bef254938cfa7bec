"""The commands by name, and where the function of each is; it is imported when the command runs."""

COMMANDS = {
    "train": "commands.train:train",
    "predict": "commands.predict:predict",
    "datasets": "commands.datasets:datasets",
    "runs": "commands.runs:runs",
    "resume": "commands.resume:resume",
    "export": "commands.export:export",
    "check": "commands.check:check",
    "learn": "commands.learn:learn",
}
