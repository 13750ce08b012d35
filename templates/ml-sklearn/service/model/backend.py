"""scikit-learn: how its models are kept, and how they are asked."""

import os
from pathlib import Path

from model.port import ArtifactError, Predict, Rows

DISTRIBUTIONS = ("scikit-learn",)
FILE = "model.skops"

# What a model file may hold beside what skops trusts by itself. A name added here can run code of
# whoever has written the file: look at what it does first.
TRUSTED: list[str] = []


def load(path: Path) -> Predict:
    """A model that is asked. The import takes seconds: call this in a thread of its own."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # more of them only wait for each other
    import skops.io  # noqa: PLC0415
    from skops.io.exceptions import UntrustedTypesFoundException  # noqa: PLC0415

    try:
        pipeline = skops.io.load(path, trusted=TRUSTED)
    except UntrustedTypesFoundException as error:
        raise ArtifactError(f"the model file holds what is not trusted: {error}") from error

    def predict(rows: Rows) -> list[list[float]]:
        probabilities: list[list[float]] = pipeline.predict_proba(rows).tolist()
        return probabilities

    return predict
