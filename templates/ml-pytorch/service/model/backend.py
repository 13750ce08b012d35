"""PyTorch: the network, how its weights are kept, and how it is asked.

Nothing but numbers is kept, in a file that can hold nothing else.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from model import task
from model.port import Predict, Rows

if TYPE_CHECKING:
    from torch import nn

DISTRIBUTIONS = ("torch",)
FILE = "model.safetensors"
HIDDEN = 16


def network() -> "nn.Sequential":
    """Scales the features by what it was given to learn from, and weighs the labels."""
    from torch import nn  # noqa: PLC0415

    width = len(task.features())
    return nn.Sequential(
        nn.BatchNorm1d(width, affine=False),
        nn.Linear(width, HIDDEN),
        nn.ReLU(),
        nn.Linear(HIDDEN, len(task.LABELS)),
    ).eval()


def load(path: Path) -> Predict:
    """A model that is asked. The import takes seconds: call this in a thread of its own."""
    import numpy as np  # noqa: PLC0415
    import torch  # noqa: PLC0415
    from safetensors.torch import load_file  # noqa: PLC0415

    torch.set_num_threads(1)  # more of them only wait for each other
    net = network()
    net.load_state_dict(load_file(path), strict=True)

    def predict(rows: Rows) -> list[list[float]]:
        with torch.inference_mode():
            weights = net(torch.from_numpy(np.asarray(rows, dtype=np.float32)))
            probabilities: list[list[float]] = weights.softmax(1).tolist()
        return probabilities

    return predict
