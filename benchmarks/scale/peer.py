"""What is paired with `train`: pandas reads the table, scikit-learn prepares it and trains for one epoch."""

from __future__ import annotations

import argparse
import json
import warnings


def main() -> None:
    """Print the seconds of a processor until each step, once trained, and then the accuracy."""
    import time

    import pandas as pd
    from sklearn.compose import ColumnTransformer
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.impute import SimpleImputer
    from sklearn.model_selection import train_test_split
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    parser = argparse.ArgumentParser()
    parser.add_argument("table")
    parser.add_argument("--target", default="y")
    parser.add_argument("--units", type=int, required=True)
    parser.add_argument("--batch", type=int, required=True)
    chosen = parser.parse_args()
    seconds = {"imports": time.process_time()}
    frame = pd.read_csv(chosen.table)
    y = frame.pop(chosen.target)
    seconds["read"] = time.process_time()
    numbers = list(frame.select_dtypes("number"))
    words = [name for name in frame.columns if name not in numbers]
    encoder = OneHotEncoder(handle_unknown="ignore")
    preparation = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
            ("words", make_pipeline(SimpleImputer(strategy="constant", fill_value="missing"), encoder), words),
        ]
    )
    train, test, y_train, y_test = train_test_split(frame, y, test_size=0.2, random_state=1, stratify=y)
    X, X_test = preparation.fit_transform(train), preparation.transform(test)
    seconds["prepared"] = time.process_time()
    network = MLPClassifier(chosen.units, batch_size=chosen.batch, max_iter=1, random_state=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(X, y_train)
    seconds["trained"] = time.process_time()
    print(json.dumps({"seconds": seconds, "inputs": X.shape[1]}), flush=True)
    print(json.dumps({"accuracy": network.score(X_test, y_test)}))


if __name__ == "__main__":
    main()
