"""Readers of data files: text tables, Parquet, Excel, NumPy and HDF5."""
