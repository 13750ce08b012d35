"""What `model/backend.py` and the rest of the model have in common, whatever the library."""

from collections.abc import Callable, Sequence

Rows = Sequence[Sequence[float]]

# Gives for each row the probabilities of the labels, in their order.
Predict = Callable[[Rows], list[list[float]]]


class ArtifactError(Exception):
    """Why a model on disk cannot be served, in one line."""
