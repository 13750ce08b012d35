"""A trained model on disk: the library's own file, and a card that says what it is.

The digest in the card finds a file that was cut or changed by accident. It is no signature: who
can write the file can write the card too.
"""

import hashlib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from model import backend, task
from model.port import ArtifactError

CARD = "metadata.json"


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Library(Part):
    name: str
    version: str


class Data(Part):
    file: str
    sha256: str
    rows: int
    held_out: int
    seed: int


class LabelMetrics(Part):
    precision: float
    recall: float
    rows: int


class Metrics(Part):
    """On the rows held out."""

    accuracy: float
    log_loss: float
    labels: dict[str, LabelMetrics]


class Card(Part):
    format: Literal[1] = 1
    name: str
    version: str
    file: str
    sha256: str
    library: Library
    python: str
    code: str  # digest of what trained it
    data: Data
    features: tuple[task.Feature, ...]
    labels: tuple[str, ...]
    metrics: Metrics
    min_accuracy: float


def library() -> Library:
    """What is installed. The library itself is not imported for that."""
    for name in backend.DISTRIBUTIONS:
        try:
            return Library(name=name, version=version(name))
        except PackageNotFoundError:
            continue
    raise ArtifactError(f"{backend.DISTRIBUTIONS[0]} is not installed")


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read(folder: Path) -> Card:
    """The card, once everything that it says is true here; else raise ArtifactError."""
    try:
        text = (folder / CARD).read_bytes()
    except FileNotFoundError:
        raise ArtifactError("there is no trained model; train one") from None
    except OSError as error:
        raise ArtifactError(f"the model card cannot be read: {error.strerror}") from None
    try:
        card = Card.model_validate_json(text)
    except ValidationError as error:
        fault = error.errors()[0]
        if fault["type"] == "json_invalid":
            raise ArtifactError("the model card is not valid JSON; train again") from None
        field = ".".join(map(str, fault["loc"]))
        raise ArtifactError(f"the model card does not fit at {field}; train again") from None
    _check(card, folder)
    return card


def _check(card: Card, folder: Path) -> None:
    here = library()
    there = card.library
    if (there.name in backend.DISTRIBUTIONS, _minor(there)) != (True, _minor(here)):
        raise ArtifactError(
            f"the model was trained with {there.name} {there.version},"
            f" and here is {here.name} {here.version}; train again"
        )
    if card.labels != task.LABELS:
        raise ArtifactError("the model knows other labels than the service; train again")
    if card.features != task.features():
        raise ArtifactError("the model knows other features than the service; train again")
    path = folder / backend.FILE
    if card.file != backend.FILE or not path.is_file():
        raise ArtifactError("the model file is missing; train again")
    if sha256(path) != card.sha256:
        raise ArtifactError("the model file is not the one that was trained; train again")


def _minor(library: Library) -> list[str]:
    """Within a minor version libraries read what they wrote."""
    return library.version.split(".")[:2]
