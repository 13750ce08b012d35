"""What the model is asked and what it answers: the one place that knows this data set."""

from functools import cache
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

NAME = "iris-species"
DATASET = Path(__file__).parent.parent / "datasets" / "iris.csv"
TARGET = "species"  # the column that is to be predicted
MIN_ACCURACY = 0.9  # on the rows held out; a model below it is not stored

Label = Literal["setosa", "versicolor", "virginica"]
LABELS: tuple[Label, ...] = get_args(Label)

Centimetres = Annotated[
    float,
    Field(ge=0.1, le=10, strict=True, allow_inf_nan=False, json_schema_extra={"x-unit": "cm"}),
]


class Features(BaseModel):
    """One flower, as it is measured. Clients write the names of the columns in camel case."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)

    sepal_length: Centimetres
    sepal_width: Centimetres
    petal_length: Centimetres
    petal_width: Centimetres


class Feature(BaseModel):
    """What is known about a column: its unit, and what its values may be."""

    model_config = ConfigDict(frozen=True)

    name: str
    unit: str
    minimum: float
    maximum: float


@cache
def features() -> tuple[Feature, ...]:
    """The columns that the model is asked with, in their order."""
    columns = Features.model_json_schema(by_alias=False)["properties"]
    return tuple(
        Feature(
            name=name,
            unit=column["x-unit"],
            minimum=column["minimum"],
            maximum=column["maximum"],
        )
        for name, column in columns.items()
    )


def row(one: Features) -> list[float]:
    return [getattr(one, feature.name) for feature in features()]
