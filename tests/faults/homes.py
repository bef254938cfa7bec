"""The names of the runs in the home that tests copy, and how they are trained."""

LONG_AGO = 1_700_000_000  # when its files were written
FIRST, SECOND = "20200101-000000-moons-aa", "20200102-000000-moons-bb"
TRAIN = ("train", "moons", "--points", "40", "--hidden", "2", "--iterations", "6", "--report-every", "2", "--quiet")
