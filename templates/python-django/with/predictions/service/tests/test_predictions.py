"""Predictions over HTTP: what is answered, what is refused, and when to come again."""

import json
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from model import artifact, backend, task
from model.messages import MAX_BODY, MAX_INPUTS
from model.runner import Runner
from predictions import serving
from tests.models import Slow, examples, is_ready, trained, until

PATH = "/api/predictions"
JSON = "application/json"
INPUTS: list[dict[str, Any]] = [one.features.model_dump(by_alias=True) for one in examples()]
ONE = INPUTS[0]
NAME = next(iter(ONE))
COLUMN = task.features()[0]
SLOTS = 2
BUSY = "As many predictions as can wait are waiting already."


pytestmark = pytest.mark.django_db


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Generator[Slow]:
    """A model that answers when it is told to."""
    model = Slow()
    monkeypatch.setattr(backend, "load", model.load)
    runner = Runner(trained(), SLOTS)
    runner.start()
    until(lambda: is_ready(runner))
    monkeypatch.setattr(serving, "runner", runner)
    yield model
    model.go.set()
    runner.close()


def send(client: Client, content: object, **headers: str) -> Any:  # noqa: ANN401  # the client's
    return client.post(PATH, content, content_type=JSON, headers=headers)


def ask(client: Client, *inputs: object, **headers: str) -> Any:  # noqa: ANN401  # the client's
    return send(client, json.dumps({"inputs": inputs}), **headers)


def ask_anew(**headers: str) -> Any:  # noqa: ANN401  # the client's
    """Ask as a client of its own, which another thread may do at the same time."""
    return ask(Client(), ONE, **headers)


def check_problem(response: Any, status: int) -> dict[str, Any]:  # noqa: ANN401  # the client's
    problem: dict[str, Any] = response.json()
    assert response.status_code == status, problem
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["status"] == status
    if status == 503 and "checks" not in problem:
        assert int(response.headers["retry-after"]) > 0
    return problem


def check_fields(response: Any, *fields: str) -> None:  # noqa: ANN401  # the client's
    errors = check_problem(response, 422)["errors"]
    assert sorted(error["field"] for error in errors) == sorted(fields)


@pytest.mark.usefixtures("served")
def test_predictions_are_good(client: Client) -> None:
    version = client.get("/v1/model").json()["version"]
    right = 0
    for start in range(0, len(INPUTS), MAX_INPUTS):
        batch = INPUTS[start : start + MAX_INPUTS]
        response = ask(client, *batch)
        assert response.status_code == 201
        answer = response.json()
        assert answer.keys() == {"modelVersion", "predictions"}
        assert answer["modelVersion"] == version
        wanted = examples()[start : start + MAX_INPUTS]
        for example, prediction in zip(wanted, answer["predictions"], strict=True):
            scores = prediction["scores"]
            assert [score["label"] for score in scores] == list(task.LABELS)
            assert sum(score["probability"] for score in scores) == pytest.approx(1, abs=1e-5)
            best = max(scores, key=lambda score: float(score["probability"]))
            assert prediction["label"] == best["label"]
            right += prediction["label"] == example.label
    assert right / len(INPUTS) >= task.MIN_ACCURACY


@pytest.mark.usefixtures("served")
def test_one_gets_the_same_as_among_others(client: Client) -> None:
    (alone,) = ask(client, INPUTS[-1]).json()["predictions"]
    assert ask(client, ONE, INPUTS[-1]).json()["predictions"][1] == alone


@pytest.mark.usefixtures("served")
def test_which_model_answers(client: Client) -> None:
    card = artifact.read(trained())
    model = client.get("/v1/model").json()
    assert (model["name"], model["version"]) == (task.NAME, card.version)
    assert (model["library"], model["libraryVersion"]) == (card.library.name, card.library.version)
    assert model["labels"] == list(task.LABELS)
    assert [feature["name"] for feature in model["features"]] == list(ONE)
    assert model["accuracy"] >= task.MIN_ACCURACY
    assert (model["rows"], model["dataSha256"]) == (len(INPUTS), card.data.sha256)
    check_fields(client.get("/v1/model?x=1"), "x")


@pytest.mark.usefixtures("served")
@pytest.mark.usefixtures("served")
@pytest.mark.parametrize(
    "value", [None, "1", True, [1], {}, COLUMN.minimum - 0.01, COLUMN.maximum + 0.01]
)
def test_a_value_that_does_not_fit(client: Client, value: object) -> None:
    check_fields(ask(client, ONE, {**ONE, NAME: value}), f"inputs.1.{NAME}")


@pytest.mark.usefixtures("served")
def test_numbers_that_are_none(client: Client) -> None:
    text = json.dumps({"inputs": [{**ONE, NAME: 0.125}]})
    for number, status in (("1e999", 422), ("-1e999", 422), ("NaN", 400), ("Infinity", 400)):
        check_problem(send(client, text.replace("0.125", number)), status)


@pytest.mark.usefixtures("served")
def test_another_shape(client: Client) -> None:
    check_fields(ask(client), "inputs")
    check_fields(ask(client, *[ONE] * (MAX_INPUTS + 1)), "inputs")
    assert ask(client, *[ONE] * MAX_INPUTS).status_code == 201
    check_fields(ask(client, {**ONE, "colour": "red"}), "inputs.0.colour")
    missing = {name: value for name, value in ONE.items() if name != NAME}
    check_fields(ask(client, missing), f"inputs.0.{NAME}")
    check_fields(send(client, "{}"), "inputs")
    check_fields(send(client, json.dumps({"inputs": ONE})), "inputs")
    check_fields(send(client, json.dumps({"inputs": [ONE], "model": "x"})), "model")
    check_fields(send(client, json.dumps([ONE])), "body")
    check_fields(client.post(f"{PATH}?x=1", {"inputs": [ONE]}, content_type=JSON), "x")
    check_problem(send(client, "{"), 400)
    check_problem(client.post(PATH, "{}", content_type="text/plain"), 415)
    check_problem(client.get(PATH), 405)


@pytest.mark.usefixtures("served")
def test_too_large(client: Client) -> None:
    body = json.dumps({"inputs": [ONE]})
    assert send(client, body.ljust(MAX_BODY)).status_code == 201
    for size in (MAX_BODY + 1, 3 * MAX_BODY):
        check_problem(send(client, body.ljust(size)), 413)


@pytest.mark.parametrize("value", ["", "x", "0", "-1", "1.5", "60001"])
def test_a_deadline_that_is_none(client: Client, value: str) -> None:
    check_fields(ask(client, ONE, **{"x-deadline-ms": value}), "X-Deadline-Ms")


def test_a_deadline_is_kept(slow: Slow) -> None:
    started = time.monotonic()
    check_problem(ask_anew(**{"x-deadline-ms": "200"}), 503)
    assert 0.2 <= time.monotonic() - started < 2
    slow.go.set()
    assert ask_anew(**{"x-deadline-ms": "60000"}).status_code == 201


@pytest.mark.usefixtures("slow")
def test_the_settings_have_the_last_word() -> None:
    started = time.monotonic()
    check_problem(ask_anew(**{"x-deadline-ms": "60000"}), 503)
    assert 2 <= time.monotonic() - started < 5


def test_more_than_can_wait(slow: Slow, client: Client) -> None:
    with ThreadPoolExecutor(SLOTS) as threads:
        waiting = [threads.submit(ask_anew) for _ in range(SLOTS)]
        until(lambda: slow.asked == 1)
        until(lambda: BUSY in ask_anew(**{"x-deadline-ms": "50"}).content.decode())
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 200
        slow.go.set()
        assert 201 in {work.result().status_code for work in waiting}
    assert ask_anew().status_code == 201


def test_a_slot_is_free_when_the_work_ends(slow: Slow) -> None:
    for _ in range(SLOTS):
        check_problem(ask_anew(**{"x-deadline-ms": "50"}), 503)
    assert slow.asked == 1, "the second was left out, as its time was over before its turn"
    slow.go.set()
    until(lambda: ask_anew().status_code == 201)


def test_not_ready(client: Client) -> None:
    assert client.get("/healthz").status_code == 200
    ready = check_problem(client.get("/readyz"), 503)
    assert ready["checks"] == {"database": "ok", "model": "loading"}
    check_problem(ask(client, ONE), 503)
    check_problem(client.get("/v1/model"), 503)


def test_without_a_model(client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = Runner(tmp_path, SLOTS)
    runner.start()
    runner.close()
    monkeypatch.setattr(serving, "runner", runner)
    ready = check_problem(client.get("/readyz"), 503)
    why = "failed: there is no trained model; train one"
    assert ready["checks"] == {"database": "ok", "model": why}
    assert client.get("/healthz").status_code == 200
    check_problem(ask(client, ONE), 503)


def test_the_contract(client: Client) -> None:
    contract = client.get("/openapi.json").json()
    post, get = contract["paths"][PATH]["post"], contract["paths"]["/v1/model"]["get"]
    assert set(post["responses"]) == {"201", "400", "413", "415", "422", "500", "503"}
    assert set(get["responses"]) == {"200", "422", "500", "503"}
    schemas = contract["components"]["schemas"]
    inputs = schemas["PredictionRequest"]["properties"]["inputs"]
    assert (inputs["minItems"], inputs["maxItems"]) == (1, MAX_INPUTS)
    features = schemas["Features"]
    assert list(features["properties"]) == features["required"] == list(ONE)
    assert features["additionalProperties"] is False
    for feature, column in zip(task.features(), features["properties"].values(), strict=True):
        assert (column["minimum"], column["maximum"]) == (feature.minimum, feature.maximum)
        assert column["x-unit"] == feature.unit
