"""All scenarios."""

from tests.faults.calls.storing import STORING
from tests.faults.calls.training import TRAINING
from tests.faults.calls.writing import WRITING

SCENARIOS = (*TRAINING, *STORING, *WRITING)
