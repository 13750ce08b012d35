"""What is wrong with a model on disk is found before it is loaded, and said in one true line."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from model import artifact, backend, task
from model.port import ArtifactError
from model.runner import NotReadyError, Runner
from tests.models import is_ready, trained, until


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained(), tmp_path / "model"))


def change(folder: Path, field: str, value: object) -> None:
    card = json.loads((folder / artifact.CARD).read_text())
    *path, last = field.split(".")
    inner: Any = card
    for step in path:
        inner = inner[int(step) if step.isdecimal() else step]
    inner[last] = value
    (folder / artifact.CARD).write_text(json.dumps(card))


def refused(folder: Path) -> str:
    """Why the model is refused, which the service says too, and goes on."""
    runner = Runner(folder, 1)
    runner.start()
    runner.close()
    with pytest.raises(NotReadyError) as why:
        runner.card()
    assert "\n" not in str(why.value)
    return str(why.value).removeprefix("failed: ")


def test_what_was_trained_is_served(folder: Path) -> None:
    card = artifact.read(folder)
    assert (card.name, card.labels, card.features) == (task.NAME, task.LABELS, task.features())
    assert card.sha256.startswith(card.version)
    runner = Runner(folder, 1)
    runner.start()
    until(lambda: is_ready(runner))
    runner.close()


def test_missing(tmp_path: Path) -> None:
    assert refused(tmp_path / "none") == "there is no trained model; train one"


def test_without_its_file(folder: Path) -> None:
    (folder / backend.FILE).unlink()
    assert refused(folder) == "the model file is missing; train again"


def test_cut(folder: Path) -> None:
    file = folder / backend.FILE
    file.write_bytes(file.read_bytes()[:-100])
    assert refused(folder) == "the model file is not the one that was trained; train again"


def test_changed(folder: Path) -> None:
    file = folder / backend.FILE
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    assert refused(folder) == "the model file is not the one that was trained; train again"


def test_no_model_with_the_right_digest(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = folder / backend.FILE
    file.write_bytes(file.read_bytes()[:-100])
    change(folder, "sha256", artifact.sha256(file))
    assert refused(folder) == "the model cannot be loaded; the log says why"
    assert "the model is not served" in caplog.text


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("library.version", "0.1.0", " 0.1.0, and here is "),
        ("library.name", "abacus", "the model was trained with abacus "),
        ("labels", [*task.LABELS, "x"], "the model knows other labels than the service"),
        ("labels", task.LABELS[::-1], "the model knows other labels than the service"),
        ("features", [], "the model knows other features than the service"),
        ("features.0.unit", "ell", "the model knows other features than the service"),
        ("file", "../x", "the model file is missing"),
        ("format", 2, "the model card does not fit at format"),
        ("sha256", None, "the model card does not fit at sha256"),
        ("extra", 1, "the model card does not fit at extra"),
        ("data.rows", "many", "the model card does not fit at data.rows"),
    ],
    ids=str,
)
def test_another_card(folder: Path, field: str, value: object, why: str) -> None:
    change(folder, field, value)
    assert why in refused(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\x00", '{"format": 1}'])
def test_no_card(folder: Path, text: str) -> None:
    (folder / artifact.CARD).write_text(text)
    assert refused(folder).startswith("the model card ")


def test_another_version_of_the_library(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = artifact.library()
    major, minor, patch = here.version.split(".")[:3]
    monkeypatch.setattr(artifact, "version", lambda _: f"{major}.{minor}.{patch}9")
    assert artifact.read(folder).library == here, "a patch reads what another one wrote"
    monkeypatch.setattr(artifact, "version", lambda _: f"{major}.{minor}9.0")
    with pytest.raises(ArtifactError, match="; train again"):
        artifact.read(folder)
