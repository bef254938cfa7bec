"""What every part needs: errors, words in messages, paths and TOML files."""
