"""`python -m training` trains the model, where it is not there already."""

import argparse
import sys
from pathlib import Path

from model.artifact import Card
from training.data import TrainingError, current


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m training", description="Train the model.")
    parser.add_argument("--to", type=Path, default=Path("artifacts"), help="folder of the model")
    parser.add_argument("--again", action="store_true", help="also where nothing has changed")
    options = parser.parse_args(arguments)
    try:
        if not options.again and (card := current(options.to)):
            print(f"{_name(card)} is there already, from the same data, code and library")
            return
        from training.train import train  # noqa: PLC0415  # imports the library, for seconds

        card = train(options.to)
    except TrainingError as error:
        sys.exit(str(error))
    print(f"{_name(card)} is stored in {options.to}: accuracy {card.metrics.accuracy}")


def _name(card: Card) -> str:
    return f"{card.name} {card.version}"


if __name__ == "__main__":
    main()
