"""The library: what `import deepnet_tui` offers to programs and notebooks. None of it loads Textual."""
