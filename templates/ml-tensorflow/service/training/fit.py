"""What is trained: a small network, the same each time on one machine."""

from pathlib import Path

from model import backend, task
from model.port import Rows

SEED = 20260101
EPOCHS = 60


def fit(rows: Rows, targets: list[int], path: Path) -> None:
    """Write a model to `path` that gives the same for the same rows."""
    backend.quiet()
    import keras  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415
    import tensorflow as tf  # noqa: PLC0415

    keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    features = np.asarray(rows, dtype=np.float32)
    scale = keras.layers.Normalization()
    scale.adapt(features)
    model = keras.Sequential(
        [
            keras.Input((len(task.features()),)),
            scale,
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(len(task.LABELS), activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy")
    model.fit(features, np.asarray(targets), epochs=EPOCHS, batch_size=32, verbose=0)
    model.save(path)
