"""From numbers to marks and colours: palettes, pictures in half blocks, sparklines, themes. No widget."""
