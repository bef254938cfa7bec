"""The compiled path: whole iterations in one loop of machine code, where numba is installed.

The choice (choice.py) decides between two iterations whether they are run by NumPy's recorded calls or by the kernel
(kernel/), over the same flat vectors; the program (program.py) is a run in the form that the kernel takes, and shares
(shares.py) are what each thread has of it.
"""
