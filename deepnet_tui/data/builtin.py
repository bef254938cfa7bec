"""The built-in datasets: random, two-dimensional, and the real ones of scikit-learn. To add one, add an entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from inspect import signature
from typing import TYPE_CHECKING, Any

import numpy as np

from deepnet_tui.common.errors import InputError
from engine.arrays import Array

if TYPE_CHECKING:
    from deepnet_tui.data.settings import DataSettings

FUNCTION = "y > 2 sin(2 x)"
EDGE = 3.0  # a function is drawn between -EDGE and EDGE


@dataclass(frozen=True)
class Examples:
    """Raw examples: by name values (m,) or pixels (m, height, width); `y` (m,) class numbers or values.

    `standardise` says whether the features are centred and scaled before they reach the network; pixels are
    divided by `brightest` instead.
    """

    columns: dict[str, Array]
    y: Array
    target: str
    classes: tuple[str, ...] = ()
    standardise: bool = False
    brightest: float = 1.0


@dataclass(frozen=True)
class Defaults:
    """Settings that train well on a dataset."""

    hidden: tuple[int, ...] = (16, 8)
    activation: str = "relu"
    initializer: str = "he"
    optimizer: str = "adam"
    learning_rate: float = 0.01
    iterations: int = 2000
    batch_size: int | None = None
    l2: float = 0.0
    validation: float = 0.2
    seed: int = 1
    report_every: int = 100
    preparation: str = "plain"
    dropout: float = 0.0
    ensemble: int = 1
    beta2: float = 0.999
    schedule: str = "constant"
    warmup: int = 0
    internal: float = 0.0
    calibrate: bool = False
    patience: int | None = None
    dtype: str = "float64"
    input_scale_rate: float = 0.0


@dataclass(frozen=True)
class Builtin:
    """A dataset with a name. `task` is a name in engine.ops.losses.LOSSES; `source` is random, 2-D or real."""

    name: str
    title: str
    task: str
    source: str
    make: Callable[..., Examples]
    defaults: Defaults

    @property
    def is_plane(self) -> bool:
        """Whether it is two-dimensional, so that `make` takes the number of points and their noise."""
        return self.source == "2-D"

    def own(self, name: str) -> Any:
        """The number of points, the noise or the function that a two-dimensional set has where nothing is said."""
        name = {"function": "text"}.get(name, name)
        parameter = signature(self.make).parameters.get(name)
        return None if parameter is None else parameter.default

    def with_settings(self, settings: DataSettings) -> Builtin:
        """The set with its points, noise and function as the settings say. Raises InputError for other sets."""
        if settings.function is not None and self.name != "function":
            raise InputError(f"a function is for the set called function, not for {self.name}", "function")
        if not settings.plane:
            return self
        check_plane(settings, self)
        given = {name: value for name in ("points", "noise") if (value := getattr(settings, name)) is not None}
        if settings.function is None:
            return replace(self, make=partial(self.make, **given))
        from deepnet_tui.data.plane.expression import parse

        task = "binary" if parse(settings.function).is_comparison else "regression"
        return replace(self, task=task, make=partial(self.make, text=settings.function, **given))


def check_plane(settings: DataSettings, entry: Builtin | None = None) -> None:
    """Raise InputError for settings of the two-dimensional sets where the source is none."""
    if settings.plane and (entry is None or not entry.is_plane):
        sets = ", ".join(each.name for each in BUILTIN.values() if each.is_plane)
        name = next(iter(settings.plane))
        raise InputError(f"{name} is a setting of the two-dimensional sets {sets}, not of {settings.source}", name)


def tutorial() -> Examples:
    """Random points (3, 150), random labels: what the tutorial draws after its 44 parameters."""
    random = np.random.RandomState(3)
    random.randn(44)
    X = random.randn(3, 150)
    labels = np.array([random.randint(0, 2) for _ in range(150)])
    return Examples({f"x{row + 1}": X[row] for row in range(3)}, labels, "y", ("0", "1"))


def _plane(points: Array, labels: Array, classes: tuple[str, ...] = ("orange", "blue")) -> Examples:
    """Points (m, 2) with their class numbers (m,)."""
    return Examples({"x1": points[:, 0], "x2": points[:, 1]}, labels, "colour", classes)


def moons(points: int = 400, noise: float = 0.2) -> Examples:
    """Two half circles that reach into each other, centred on the origin."""
    random, each = np.random.default_rng(1), points // 2
    angle = np.linspace(0.0, np.pi, each)
    upper = np.column_stack([np.cos(angle) - 0.5, np.sin(angle) - 0.25])
    places = np.concatenate([upper, -upper]) + noise * random.standard_normal((2 * each, 2))
    return _plane(places, np.repeat([0, 1], each))


def circles(points: int = 400, noise: float = 0.1) -> Examples:
    """A ring inside a ring of twice its radius."""
    random, each = np.random.default_rng(1), points // 2
    angle = random.uniform(0.0, 2.0 * np.pi, 2 * each)
    radius = np.repeat([1.0, 0.5], each)
    places = (radius * np.array([np.cos(angle), np.sin(angle)])).T
    return _plane(places + noise * random.standard_normal((2 * each, 2)), np.repeat([0, 1], each))


def xor(points: int = 400, noise: float = 0.0, gap: float = 0.05) -> Examples:
    """Four squares; opposite ones share a class. A straight line is right half of the time."""
    random = np.random.default_rng(1)
    sign = np.resize([[1, 1], [-1, -1], [1, -1], [-1, 1]], (points, 2))
    places = sign * random.uniform(gap, 1.0, (points, 2))
    places += noise * random.standard_normal((points, 2))
    return _plane(places, (sign[:, 0] * sign[:, 1] < 0).astype(np.int64))


def spiral(points: int = 400, noise: float = 0.02, turns: float = 1.5) -> Examples:
    """Two arms that wind around each other."""
    random, each = np.random.default_rng(1), points // 2
    along = np.sqrt(np.linspace(0.01, 1.0, each))
    angle = 2.0 * np.pi * turns * along
    arm = np.column_stack([along * np.cos(angle), along * np.sin(angle)])
    places = np.concatenate([arm, -arm]) + noise * random.standard_normal((2 * each, 2))
    return _plane(places, np.repeat([0, 1], each))


def gaussians(points: int = 400, noise: float = 0.5) -> Examples:
    """Two round clouds that overlap: the best border is a straight line, and it is right for 97.7%."""
    random, each = np.random.default_rng(1), points // 2
    centres = np.repeat([[-1.0, -1.0], [1.0, 1.0]], each, axis=0) / np.sqrt(2.0)
    return _plane(centres + noise * random.standard_normal((2 * each, 2)), np.repeat([0, 1], each))


def flower(points: int = 400, noise: float = 0.2) -> Examples:
    """The petals of the deep-learning course's "planar" data: 400 points drawn with seed 1."""
    random = np.random.RandomState(1)
    each, longest = points // 2, 4
    petals = []
    for label in range(2):
        angle = np.linspace(label * 3.12, (label + 1) * 3.12, each) + random.randn(each) * noise
        radius = longest * np.sin(4 * angle) + random.randn(each) * noise
        petals.append(np.column_stack([radius * np.sin(angle), radius * np.cos(angle)]))
    return _plane(np.concatenate(petals), np.repeat([0, 1], each))


def function(points: int = 400, noise: float = 0.0, text: str = FUNCTION) -> Examples:
    """Points in a square with the values of a function of x and y, or with the class that a comparison gives.

    Noise moves points once they have their class, and adds to values, whose standard deviation it is a part of.
    Raises InputError for a function without a value at one of the points, and for one that is the same everywhere.
    """
    from deepnet_tui.data.plane.expression import parse

    expression = parse(text)
    random = np.random.default_rng(1)
    places = random.uniform(-EDGE, EDGE, (points, 2))
    values = expression.values(places.T)
    if (values == values[0]).all():
        where = f"between {-EDGE:g} and {EDGE:g}, so there is nothing to learn"
        raise InputError(f"{text!r} is the same everywhere {where}", "function")
    if expression.is_comparison:
        return _plane(places + noise * random.standard_normal((points, 2)), values.astype(np.int64))
    values = values + noise * values.std() * random.standard_normal(points)
    return Examples({"x1": places[:, 0], "x2": places[:, 1]}, values, "value")


def _bundled(loader: str, target: str, **options: Any) -> Examples:
    """A table that ships with scikit-learn."""
    import sklearn.datasets

    raw = getattr(sklearn.datasets, loader)(**options)
    columns = {str(name): raw.data[:, index] for index, name in enumerate(raw.feature_names)}
    classes = tuple(str(name) for name in getattr(raw, "target_names", ()))
    return Examples(columns, raw.target, target, classes, standardise=True)


def _digits() -> Examples:
    import sklearn.datasets

    raw = sklearn.datasets.load_digits()
    return Examples({"image": raw.images}, raw.target, "digit", tuple(map(str, raw.target_names)), brightest=16.0)


_ENTRIES = (
    Builtin(
        "tutorial",
        "random labels: nothing to learn, but published costs",
        "binary",
        "random",
        tutorial,
        Defaults((4, 5, 2), "relu", "small", "gd", 0.0075, 3000, validation=0.0, seed=3),
    ),
    Builtin("moons", "two half moons that reach into each other", "binary", "2-D", moons, Defaults(l2=0.5)),
    Builtin("circles", "a ring inside a ring", "binary", "2-D", circles, Defaults(l2=0.5)),
    Builtin("xor", "four squares, opposite ones alike", "binary", "2-D", xor, Defaults()),
    Builtin(
        "spiral",
        "two arms that wind around each other",
        "binary",
        "2-D",
        spiral,
        Defaults((32, 32), iterations=3000),
    ),
    Builtin(
        "gaussians",
        "two round clouds that overlap",
        "binary",
        "2-D",
        gaussians,
        Defaults((8,), iterations=1000, l2=0.5),
    ),
    Builtin(
        "flower",
        "the petals of the deep-learning course",
        "binary",
        "2-D",
        flower,
        Defaults((16, 16), "tanh", "xavier", l2=0.5, iterations=3000),
    ),
    Builtin(
        "function",
        "a curve between two colours: your own function of x and y",
        "binary",
        "2-D",
        function,
        Defaults((16, 16), "tanh", "xavier"),
    ),
    Builtin(
        "breast_cancer",
        "malignant or benign, from 30 measures of cell nuclei",
        "binary",
        "real",
        lambda: _bundled("load_breast_cancer", "diagnosis"),
        Defaults((16, 8), "tanh", "xavier", learning_rate=0.003, iterations=1000, l2=10.0),
    ),
    Builtin(
        "iris",
        "three kinds of iris, from four lengths and widths",
        "multiclass",
        "real",
        lambda: _bundled("load_iris", "species"),
        Defaults((16,), iterations=1000, learning_rate=0.005, l2=0.5),
    ),
    Builtin(
        "wine",
        "three growers, from 13 measures of their wine",
        "multiclass",
        "real",
        lambda: _bundled("load_wine", "grower"),
        Defaults((16,), iterations=1000, learning_rate=0.003, l2=3.0),
    ),
    Builtin(
        "digits",
        "handwritten digits, 8 x 8 pixels",
        "multiclass",
        "real",
        _digits,
        Defaults((32,), iterations=3000, learning_rate=0.003, batch_size=64, l2=2.0),
    ),
    Builtin(
        "diabetes",
        "how a diabetes progressed in a year, from ten measures",
        "regression",
        "real",
        lambda: _bundled("load_diabetes", "progression", scaled=False),
        Defaults((16,), "tanh", "xavier", iterations=500, learning_rate=0.003, l2=10.0),
    ),
)

PREPARATION_OF_TABLES = "rich"
"""How the columns of a data file become inputs where nobody says it: rich or plain."""

TABLE = Defaults((64, 64), optimizer="adamw", learning_rate=0.002, preparation=PREPARATION_OF_TABLES)
"""For data files before they are read; `experiment.table_defaults` has the settings for their size."""

PICTURES = Defaults((128,), "relu", "he", "gd", 0.05, 1000)
"""For HDF5 files, which hold few and large pictures: full-batch gradient descent costs next to nothing there."""

BUILTIN = {entry.name: entry for entry in _ENTRIES}
