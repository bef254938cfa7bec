"""What the numbers mean that a run hands to the kernel: names of entries by their code, and columns of its tables."""

from __future__ import annotations

from enum import IntEnum, auto


class _Column(IntEnum):
    @staticmethod
    def _generate_next_value_(_name: str, _start: int, count: int, _last: list[int]) -> int:
        return count


class LayerColumn(_Column):
    """Columns of the table of layers, which has a row for each layer from 0, the inputs.

    BLOCK is the place of [W | b] in the flat parameters; Z, A, OUT (what the next layer reads, a row of ones below it)
    and MASK (of dropout) are places in the memory of the kernel, equal where nothing has to be kept apart. The units
    from FIRST to before AFTER are those of the thread that the table is for.
    """

    UNITS = auto()
    BLOCK = auto()
    Z = auto()
    A = auto()
    OUT = auto()
    MASK = auto()
    ACTIVATION = auto()
    DROPS = auto()
    FIRST = auto()
    AFTER = auto()


class PlanNumber(_Column):
    """Numbers of the plan.

    FOLDS says that the gradient comes multiplied by the rate, unless CLIPS is set. COUNT are the examples of an
    iteration, WIDTH these padded, which are processed in pieces of TILE; rows of activations are STRIDE apart. INPUTS,
    LABELS and WEIGHT are where the examples begin, rows INPUT_STRIDE apart; of mini-batches they are in the memory of
    the kernel, where ERROR, OTHER and ROW is room for errors and for a row. SIZE is the number of parameters; elements
    of the flat vectors behind these are the logarithms of the inputs' scales (engine.ops.input_scale).
    """

    RULE = auto()
    LOSS = auto()
    CLIPS = auto()
    FOLDS = auto()
    DECOUPLED = auto()
    BATCHED = auto()
    COUNT = auto()
    WIDTH = auto()
    TILE = auto()
    STRIDE = auto()
    INPUT_STRIDE = auto()
    INPUTS = auto()
    LABELS = auto()
    WEIGHT = auto()
    ERROR = auto()
    OTHER = auto()
    ROW = auto()
    SIZE = auto()


class SettingColumn(_Column):
    """Columns of the settings of each network.

    DIVISOR is what the sum of its errors is divided by (times the examples of a mini-batch), TOTAL the penalties.
    """

    L2 = auto()
    L1 = auto()
    CLIP = auto()
    BETA1 = auto()
    BETA2 = auto()
    EPSILON = auto()
    TOTAL = auto()
    DIVISOR = auto()
    SCALE_RATE = auto()


class CrewEntry(_Column):
    """What a thread knows of the others.

    NUMBER is its own among the COUNT threads that share each iteration, MEETINGS how often it has met them. STARTERS is
    the number of threads that begin at the same time. YIELD is the address of the function of the system by which it
    lets others have its processor.
    """

    NUMBER = auto()
    COUNT = auto()
    MEETINGS = auto()
    STARTERS = auto()
    YIELD = auto()


class Meeting(_Column):
    """What all threads know: how often one of them has arrived, and whether the first will never come."""

    ARRIVALS = auto()
    ABANDONED = auto()


ACTIVATIONS = ("linear", "relu", "leaky_relu", "elu", "gelu", "silu", "softplus", "tanh", "sigmoid")
LOSSES = ("binary", "multiclass", "regression", "huber", "absolute", "quantile", "poisson")
RULES = {"gd": 0, "momentum": 1, "nesterov": 2, "rmsprop": 3, "adam": 4, "adamw": 4}
