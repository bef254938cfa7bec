"""Write a fitted MLPClassifier or MLPRegressor of scikit-learn as a model file (JSON) that deepnet-tui opens.

Copy this file beside your own program; it needs nothing but NumPy and the model:

    from export_mlp import export_mlp
    export_mlp(mlp, "model.json", columns=list(frame.columns), scaler=scaler)

`scaler` is the StandardScaler in front of the network, if there is one. A pipeline of both may be given as the model.
"""

import json
from pathlib import Path

import numpy as np

ACTIVATIONS = {"identity": "linear", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu"}
TASKS = {"logistic": "binary", "softmax": "multiclass", "identity": "regression", "exp": "regression"}


def export_mlp(model, path, columns=None, scaler=None, target="target"):
    """Write `model` to `path`. `columns` names the inputs; without them those of the data frame, or x1, x2, ..."""
    if hasattr(model, "steps"):
        *before, (_, model) = model.steps
        if len(before) > 1 or (before and not hasattr(before[0][1], "scale_")):
            raise ValueError("only a StandardScaler may stand before the network")
        scaler = before[0][1] if before else scaler
    task, outputs = TASKS[model.out_activation_], model.n_outputs_
    if task == "binary" and outputs > 1:
        raise ValueError("a network with several labels at once can't be written")
    inputs = model.coefs_[0].shape[0]
    if columns is None:
        named = next((part.feature_names_in_ for part in (scaler, model) if hasattr(part, "feature_names_in_")), None)
        columns = [f"x{number}" for number in range(1, inputs + 1)] if named is None else named
    if len(columns) != inputs:
        raise ValueError(f"the network has {inputs} inputs, but {len(columns)} columns are named")
    mean = np.zeros(inputs) if scaler is None or scaler.mean_ is None else scaler.mean_
    scale = np.ones(inputs) if scaler is None or scaler.scale_ is None else scaler.scale_
    targets = [target] if outputs == 1 else [f"{target} {number}" for number in range(1, outputs + 1)]
    poisson = model.out_activation_ == "exp"
    document = {
        "kind": "deepnet-tui model",
        "format": 2 if poisson or (len(targets) > 1 and task == "regression") else 1,
        "library": "export_mlp",
        "name": "scikit-learn",
        "network": {
            "inputs": inputs,
            "hidden": [
                {"units": W.shape[1], "activation": ACTIVATIONS[model.activation], "dropout": 0.0}
                for W in model.coefs_[:-1]
            ],
            "outputs": outputs,
            "task": task,
            "initializer": "xavier",
            "scale": 0.01,
            **({"loss": "poisson"} if poisson else {}),
        },
        "inputs": None,
        "target": targets[0] if task == "regression" else target,
        "classes": [] if task == "regression" else [str(name) for name in model.classes_],
        "preparation": {
            "entries": [
                {"name": str(name), "kind": "numeric", "fill": float(m), "mean": float(m), "scale": float(s)}
                for name, m, s in zip(columns, mean, scale, strict=True)
            ]
        },
        "target_mean": 0.0,
        "target_scale": 1.0,
        "training": None,
        "metrics": None,
        "iterations": int(getattr(model, "n_iter_", 0)),
        "test_vectors": None,
        "dtype": str(model.coefs_[0].dtype),
        "parameters": {},
    }
    if task == "regression" and len(targets) > 1:
        document["further_targets"] = [{"name": name, "mean": 0.0, "scale": 1.0} for name in targets[1:]]
    for number, (W, b) in enumerate(zip(model.coefs_, model.intercepts_, strict=True), start=1):
        document["parameters"][f"W{number}"] = W.T.tolist()
        document["parameters"][f"b{number}"] = b[:, np.newaxis].tolist()
    Path(path).write_text(json.dumps(document), encoding="ascii")
