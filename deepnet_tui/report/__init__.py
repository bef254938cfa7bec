"""A report on a run, to hand on: what it says, and how that becomes one HTML or Markdown file."""
