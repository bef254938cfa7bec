"""Pictures as plain SVG text, for pages that are light or dark."""
