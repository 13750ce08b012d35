"""Predictions as they travel: what clients send and what they get."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from model.artifact import Card
from model.task import LABELS, Features, Label, row

MAX_INPUTS = 64
MAX_BODY = 64 * 1024
MAX_DEADLINE = 60_000  # milliseconds

Probability = Annotated[float, Field(ge=0, le=1)]


class Answer(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class PredictionRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    inputs: Annotated[list[Features], Field(min_length=1, max_length=MAX_INPUTS)]

    def rows(self) -> list[list[float]]:
        return [row(one) for one in self.inputs]


class Score(Answer):
    label: Label
    probability: Probability


class Prediction(Answer):
    """The most likely label, and how likely each is."""

    label: Label
    scores: list[Score]


class PredictionResponse(Answer):
    """One prediction for each input, in their order, and which model made them."""

    model_version: str
    predictions: list[Prediction]


class ModelFeature(Answer):
    name: str
    unit: str
    minimum: float
    maximum: float


class ModelInfo(Answer):
    """What answers: its version is the beginning of the digest of its file."""

    name: str
    version: str
    library: str
    library_version: str
    data_sha256: str
    rows: int
    accuracy: Probability
    labels: list[Label]
    features: list[ModelFeature]


def response(card: Card, probabilities: Sequence[Sequence[float]]) -> PredictionResponse:
    predictions = []
    for each in probabilities:
        scores = [
            Score(label=label, probability=round(min(max(p, 0), 1), 6))
            for label, p in zip(LABELS, each, strict=True)
        ]
        best = max(scores, key=lambda score: score.probability)
        predictions.append(Prediction(label=best.label, scores=scores))
    return PredictionResponse(model_version=card.version, predictions=predictions)


def info(card: Card) -> ModelInfo:
    return ModelInfo(
        name=card.name,
        version=card.version,
        library=card.library.name,
        library_version=card.library.version,
        data_sha256=card.data.sha256,
        rows=card.data.rows,
        accuracy=card.metrics.accuracy,
        labels=list(LABELS),
        features=[
            ModelFeature(
                name=to_camel(feature.name),
                unit=feature.unit,
                minimum=feature.minimum,
                maximum=feature.maximum,
            )
            for feature in card.features
        ],
    )
