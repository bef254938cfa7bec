"""From numbers to characters and colours: palettes, half-block images, sparklines, diagrams, themes. No widget."""
