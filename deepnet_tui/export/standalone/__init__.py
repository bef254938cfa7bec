"""The parts that exported Python files are put together from: ordinary modules, copied as text."""
