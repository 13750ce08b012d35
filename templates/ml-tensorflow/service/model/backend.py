"""TensorFlow: how its models are kept, and how they are asked."""

import os
from pathlib import Path

from model import task
from model.port import Predict, Rows

DISTRIBUTIONS = ("tensorflow-cpu", "tensorflow")
FILE = "model.keras"


def quiet() -> None:
    """Before the import: one thread, no log of its own, and the same results each time."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")


def load(path: Path) -> Predict:
    """A model that is asked. The import takes seconds: call this in a thread of its own."""
    quiet()
    import keras  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415
    import tensorflow as tf  # noqa: PLC0415

    # In safe mode a file cannot bring code of its own along.
    model = keras.saving.load_model(path, compile=False, safe_mode=True)
    shape = tf.TensorSpec((None, len(task.features())), tf.float32)
    ask = tf.function(lambda rows: model(rows, training=False), input_signature=[shape])

    def predict(rows: Rows) -> list[list[float]]:
        found = ask(tf.constant(np.asarray(rows, dtype=np.float32)))
        probabilities: list[list[float]] = found.numpy().tolist()
        return probabilities

    return predict
