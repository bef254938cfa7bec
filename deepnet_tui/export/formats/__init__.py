"""The file formats that need one module each."""
