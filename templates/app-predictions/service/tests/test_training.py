"""Training gives the same model for the same data, and only a good one."""

from pathlib import Path

import pytest

from model import artifact, task
from tests.models import trained
from training import __main__ as command
from training import data
from training.train import PAGE, train


def copy(folder: Path, text: str) -> Path:
    """The data set with another text, and its digest beside it."""
    file = folder / "other.csv"
    file.write_text(text)
    (folder / data.DIGESTS).write_text(f"{artifact.sha256(file)}  {file.name}\n")
    return file


def test_the_same_again(tmp_path: Path) -> None:
    first, again = artifact.read(trained()), train(tmp_path)
    assert first.metrics == again.metrics
    assert first.metrics.accuracy >= task.MIN_ACCURACY
    same = {"version", "sha256"}
    assert first.model_dump(exclude=same) == again.model_dump(exclude=same)


def test_the_card_is_there_to_read() -> None:
    card = artifact.read(trained())
    page = (trained() / PAGE).read_text()
    assert page.startswith(f"# {card.name} {card.version}\n")
    for text in (card.data.sha256, card.sha256, card.library.version, *task.LABELS):
        assert text in page


def test_nothing_is_left_behind() -> None:
    names = {file.name for file in trained().iterdir()}
    assert names == {artifact.CARD, PAGE, artifact.read(trained()).file}


def test_the_rows_are_split_by_label() -> None:
    dataset = data.load(task.DATASET)
    for target in range(len(task.LABELS)):
        kept, out = (part.targets.count(target) for part in (dataset.training, dataset.held_out))
        assert out == max(1, round((kept + out) * data.HELD_OUT))
    assert data.load(task.DATASET) == dataset


def test_a_bad_model_is_not_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task, "MIN_ACCURACY", 1.01)
    with pytest.raises(data.TrainingError, match=r"^not stored: the accuracy .* is asked for$"):
        train(tmp_path / "new")
    assert list((tmp_path / "new").iterdir()) == []


def test_data_that_does_not_fit(tmp_path: Path) -> None:
    head, first, *rest = task.DATASET.read_text().splitlines()
    cells = first.split(",")
    cells[head.split(",").index(task.TARGET)] = "x"
    with pytest.raises(data.TrainingError, match=rf"^other.csv:3: {task.TARGET}: "):
        data.load(copy(tmp_path, "\n".join([head, first, ",".join(cells)])))
    with pytest.raises(data.TrainingError, match="too few to learn from"):
        data.load(copy(tmp_path, "\n".join([head, first])))
    assert data.load(copy(tmp_path, "\n".join([head, first, *rest]))).training.rows


def test_data_that_was_not_meant(tmp_path: Path) -> None:
    file = copy(tmp_path, task.DATASET.read_text())
    file.write_text(file.read_text() + "\n")
    with pytest.raises(data.TrainingError, match="write its digest there: ") as why:
        data.load(file)
    assert artifact.sha256(file) in str(why.value)
    (tmp_path / data.DIGESTS).write_text("")
    with pytest.raises(data.TrainingError, match="does not name other"):
        data.load(file)
    (tmp_path / data.DIGESTS).unlink()
    with pytest.raises(data.TrainingError, match=f"{data.DIGESTS} is not there"):
        data.load(file)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def said(*arguments: str) -> str:
        command.main(["--to", str(tmp_path), *arguments])
        return capsys.readouterr().out

    assert "is stored in" in said()
    assert "is there already" in said()
    assert "is stored in" in said("--again")
    (tmp_path / artifact.CARD).unlink()
    assert "is stored in" in said()


def test_the_command_fails_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task, "MIN_ACCURACY", 1.01)
    with pytest.raises(SystemExit) as stop:
        command.main(["--to", str(tmp_path)])
    assert str(stop.value.code).startswith("not stored: ")
