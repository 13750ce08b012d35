"""The contract is what the service does, and its examples fit: the other service tests both too."""

import json
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from contract import __main__ as command
from contract.document import FILE, text
from model import backend, messages

EXAMPLES = sorted((FILE.parent / "examples").glob("*.json"))


@pytest.fixture
def contract() -> dict[str, Any]:
    contract: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return contract


def test_it_is_what_the_service_says() -> None:
    assert FILE.read_text("utf-8") == text(), "write it anew, and see who relies on the difference"


def test_valid(contract: dict[str, Any]) -> None:
    validate(contract)
    assert set(contract["paths"]) == {"/healthz", "/readyz", "/v1/model", "/v1/predict"}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_fit(contract: dict[str, Any], path: Path) -> None:
    example = json.loads(path.read_text("utf-8"))
    schema = {"$ref": f"#/components/schemas/{path.stem}", "components": contract["components"]}
    OAS31Validator(schema).validate(example)
    if model := getattr(messages, path.stem, None):
        read = model.model_validate(example)
        assert read.model_dump(mode="json", by_alias=True) == example


def test_every_answer_has_an_example(contract: dict[str, Any]) -> None:
    schemas = {
        content["schema"]["$ref"].rpartition("/")[2]
        for operations in contract["paths"].values()
        for operation in operations.values()
        for response in operation["responses"].values()
        for content in response["content"].values()
    }
    assert schemas | {"PredictionRequest"} == {path.stem for path in EXAMPLES}


def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "contracts" / FILE.name
    monkeypatch.setattr(command, "FILE", file)
    command.main([])
    assert file.read_text("utf-8") == text()
    command.main(["--check"])
    file.write_text(text().replace("modelVersion", "version"), "utf-8")
    with pytest.raises(SystemExit, match="does not say what the service says"):
        command.main(["--check"])
    assert '"modelVersion"' in capsys.readouterr().err
    assert "modelVersion" not in file.read_text("utf-8"), "a check changes nothing"


def test_the_library_is_not_needed() -> None:
    libraries = {
        name for name, of in packages_distributions().items() if {*of} & {*backend.DISTRIBUTIONS}
    }
    assert libraries
    program = "import sys; from contract.document import text; text(); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert not libraries & set(done.stdout.split())
