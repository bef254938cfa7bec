"""The compiled path: whole iterations in one loop of machine code, where numba is installed.

The choice (choice.py) decides between two iterations whether they are run by NumPy's recorded calls or by the kernel
(kernel.py), over the same flat vectors; the program (program.py) is a run in the form that the kernel takes. Only files
that the kernel consists of import numba, and nothing imports these before a run needs them.
"""
