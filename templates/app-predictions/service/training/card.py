"""The model card as a person reads it."""

from model.artifact import Card


def markdown(card: Card) -> str:
    lines = [
        f"# {card.name} {card.version}",
        "",
        f"Trained with {card.library.name} {card.library.version} on Python {card.python},"
        f" from {card.data.file} ({card.data.rows} rows, SHA-256 {card.data.sha256}).",
        f"The model file is {card.file}, SHA-256 {card.sha256}.",
        "",
        "## What it takes",
        "",
        "| Feature | Unit | From | To |",
        "| --- | --- | --- | --- |",
        *(f"| {f.name} | {f.unit} | {f.minimum:g} | {f.maximum:g} |" for f in card.features),
        "",
        "## How good it is",
        "",
        f"On {card.data.held_out} rows that it has not seen: accuracy {card.metrics.accuracy}"
        f" (at least {card.min_accuracy} is asked for), log loss {card.metrics.log_loss}.",
        "",
        "| Label | Precision | Recall | Rows |",
        "| --- | --- | --- | --- |",
        *(
            f"| {label} | {metrics.precision} | {metrics.recall} | {metrics.rows} |"
            for label, metrics in card.metrics.labels.items()
        ),
        "",
        "It knows nothing but this data: what looks otherwise gets an answer too, and a wrong one.",
    ]
    return "\n".join(lines) + "\n"
