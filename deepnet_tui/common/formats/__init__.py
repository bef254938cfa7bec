"""Text formats that several places read or write: CSV, JSON, Markdown, TOML."""
