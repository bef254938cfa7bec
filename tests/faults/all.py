"""All scenarios."""

from tests.faults.storing import STORING
from tests.faults.training import TRAINING
from tests.faults.writing import WRITING

SCENARIOS = (*TRAINING, *STORING, *WRITING)
