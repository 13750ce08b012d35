"""What is trained: a linear model on scaled features."""

from pathlib import Path

import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from model.port import Rows


def fit(rows: Rows, targets: list[int], path: Path) -> None:
    """Write a model to `path` that gives the same for the same rows."""
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    pipeline.fit(rows, targets)
    skops.io.dump(pipeline, path)
