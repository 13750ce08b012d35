"""From a data set to a model on disk, or to one line that says why not."""

import platform
from pathlib import Path
from tempfile import TemporaryDirectory

from model import artifact, backend, task
from model.artifact import Card, Data
from training import card as cards
from training import data
from training.data import TrainingError
from training.evaluate import evaluate
from training.fit import fit

PAGE = "model-card.md"


def train(folder: Path, dataset: Path = task.DATASET) -> Card:
    """Train, judge what the service would load, and store it if it is good enough.

    What is in the folder stays as it is until then.
    """
    rows = data.load(dataset)
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".new-") as temporary:
        new = Path(temporary) / backend.FILE
        fit(rows.training.rows, rows.training.targets, new)
        metrics = evaluate(backend.load(new), rows.held_out)
        if metrics.accuracy < task.MIN_ACCURACY:
            raise TrainingError(
                f"not stored: the accuracy on the rows held out is {metrics.accuracy},"
                f" and at least {task.MIN_ACCURACY} is asked for"
            )
        sha256 = artifact.sha256(new)
        held_out = len(rows.held_out.rows)
        card = Card(
            name=task.NAME,
            version=sha256[:12],
            file=backend.FILE,
            sha256=sha256,
            library=artifact.library(),
            python=platform.python_version(),
            code=data.code(),
            data=Data(
                file=dataset.name,
                sha256=rows.sha256,
                rows=len(rows.training.rows) + held_out,
                held_out=held_out,
                seed=data.SEED,
            ),
            features=task.features(),
            labels=task.LABELS,
            metrics=metrics,
            min_accuracy=task.MIN_ACCURACY,
        )
        described = Path(temporary) / artifact.CARD
        described.write_text(card.model_dump_json(indent=2) + "\n", "utf-8")
        page = Path(temporary) / PAGE
        page.write_text(cards.markdown(card), "utf-8")
        for file in (new, described, page):
            file.replace(folder / file.name)
    return card
