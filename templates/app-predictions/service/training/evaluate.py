"""How good a model is on rows that it has not seen."""

import math

from model import task
from model.artifact import LabelMetrics, Metrics
from model.port import Predict
from training.data import Part

LEAST = 1e-9  # probability that counts, so that one wrong row costs much, but not everything


def evaluate(predict: Predict, part: Part) -> Metrics:
    probabilities = predict(part.rows)
    found = [max(range(len(each)), key=each.__getitem__) for each in probabilities]
    pairs = list(zip(found, part.targets, strict=True))
    costs = [
        -math.log(max(each[target], LEAST))
        for each, target in zip(probabilities, part.targets, strict=True)
    ]
    labels = {}
    for i, label in enumerate(task.LABELS):
        hits = pairs.count((i, i))
        rows = part.targets.count(i)
        labels[label] = LabelMetrics(
            precision=_share(hits, found.count(i)), recall=_share(hits, rows), rows=rows
        )
    return Metrics(
        accuracy=_share(sum(one == other for one, other in pairs), len(pairs)),
        log_loss=round(sum(costs) / len(costs), 4),
        labels=labels,
    )


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
