"""The rows that a model is trained on, and those by which it is judged."""

import hashlib
import random
from dataclasses import dataclass
from pathlib import Path

from ingest.reader import Row, read
from model import artifact, task
from model.artifact import Card
from model.port import ArtifactError, Rows

SEED = 20260101
HELD_OUT = 0.3  # of the rows of each label
DIGESTS = "SHA256SUMS"


class TrainingError(Exception):
    """Why there is no new model, in one line."""


@dataclass(frozen=True)
class Part:
    rows: Rows
    targets: list[int]  # places in task.LABELS


@dataclass(frozen=True)
class Dataset:
    sha256: str
    training: Part
    held_out: Part


def digest(path: Path) -> str:
    """The digest of the data set, which has to be the one that SHA256SUMS beside it names."""
    try:
        found = artifact.sha256(path)
        digests = (path.parent / DIGESTS).read_text("utf-8")
    except FileNotFoundError as error:
        raise TrainingError(f"{error.filename} is not there") from None
    for line in digests.splitlines():
        wanted, _, name = line.partition("  ")
        if name == path.name:
            if wanted != found:
                raise TrainingError(
                    f"{path.name} is not the file that {DIGESTS} names; if it is meant to be"
                    f" another one, write its digest there: {found}"
                )
            return found
    raise TrainingError(f"{DIGESTS} does not name {path.name}; add: {found}  {path.name}")


def load(path: Path) -> Dataset:
    """All rows, split by chance, but the same way each time."""
    sha256 = digest(path)
    by_label: dict[str, list[list[float]]] = {label: [] for label in task.LABELS}
    for one in read(path):
        if not isinstance(one, Row):
            fault = one[0]
            raise TrainingError(f"{path.name}:{fault.row}: {fault.column}: {fault.detail}")
        by_label[one.label].append(task.row(one.features))
    chance = random.Random(SEED)  # noqa: S311  # nothing here is a secret
    training: list[tuple[list[float], int]] = []
    held_out: list[tuple[list[float], int]] = []
    for target, label in enumerate(task.LABELS):
        rows = by_label[label]
        if len(rows) < 2:
            raise TrainingError(f"{path.name}: {len(rows)} rows are {label}, too few to learn from")
        chance.shuffle(rows)
        cut = max(1, round(len(rows) * HELD_OUT))
        held_out += [(row, target) for row in rows[:cut]]
        training += [(row, target) for row in rows[cut:]]
    chance.shuffle(training)
    return Dataset(sha256, _part(training), _part(held_out))


def code() -> str:
    """The digest of what decides how a model comes out, beside the data and the library."""
    root = Path(__file__).parent.parent
    files = [*sorted((root / "training").glob("*.py")), root / "model" / "task.py"]
    together = hashlib.sha256()
    for file in [*files, root / "model" / "backend.py"]:
        together.update(file.read_bytes())
    return together.hexdigest()


def current(folder: Path, dataset: Path = task.DATASET) -> Card | None:
    """The model that is there, if the same data, code and library have made it."""
    try:
        card = artifact.read(folder)
    except ArtifactError:
        return None
    same = (card.data.sha256, card.code, card.library)
    return card if same == (digest(dataset), code(), artifact.library()) else None


def _part(pairs: list[tuple[list[float], int]]) -> Part:
    return Part([row for row, _ in pairs], [target for _, target in pairs])
