"""One experiment: data, network and training. TOML in, TOML out."""

from deepnet_tui.experiment.experiment import Experiment, settings_in_file
from deepnet_tui.experiment.network import LayerSettings, NetworkSettings
from deepnet_tui.experiment.training import TrainingSettings
from deepnet_tui.experiment.training_warnings import warnings

__all__ = ["Experiment", "LayerSettings", "NetworkSettings", "TrainingSettings", "settings_in_file", "warnings"]
