"""Predictions over HTTP: what is answered, what is refused, and when to come again."""

import json
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.main import create_app
from app.settings import Settings
from model import artifact, backend, task
from model.messages import MAX_BODY, MAX_INPUTS
from tests.models import Slow, examples, trained, until

PATH = "/api/predictions"
JSON = {"content-type": "application/json"}
INPUTS: list[dict[str, Any]] = [one.features.model_dump(by_alias=True) for one in examples()]
ONE = INPUTS[0]
NAME = next(iter(ONE))
COLUMN = task.features()[0]
SLOTS = 2
BUSY = "As many predictions as can wait are waiting already."


@pytest.fixture
def slow(migrated: str, monkeypatch: pytest.MonkeyPatch) -> Generator[tuple[Slow, Flask]]:
    """The application with a model that answers when it is told to."""
    model = Slow()
    monkeypatch.setattr(backend, "load", model.load)
    app = create_app(Settings(database_url=migrated, model_dir=trained(), prediction_slots=SLOTS))
    until(lambda: app.test_client().get("/readyz").status_code == 200)
    yield model, app
    model.go.set()
    app.extensions["predictions"].close()
    app.extensions["database"].close()


def ask(client: FlaskClient, *inputs: object, **headers: str) -> TestResponse:
    return client.post(PATH, json={"inputs": inputs}, headers=headers)


def ask_app(app: Flask, **headers: str) -> TestResponse:
    """Ask as a client of its own, which another thread may do at the same time."""
    return ask(app.test_client(), ONE, **headers)


def check_problem(response: TestResponse, status: int) -> dict[str, Any]:
    problem: dict[str, Any] = response.get_json()
    assert response.status_code == status, problem
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["status"] == status
    if status == 503 and response.request.path != "/readyz":
        assert int(response.headers["retry-after"]) > 0
    return problem


def check_fields(response: TestResponse, *fields: str) -> None:
    errors = check_problem(response, 422)["errors"]
    assert sorted(error["field"] for error in errors) == sorted(fields)


def test_predictions_are_good(served: FlaskClient) -> None:
    version = served.get("/v1/model").get_json()["version"]
    right = 0
    for start in range(0, len(INPUTS), MAX_INPUTS):
        batch = INPUTS[start : start + MAX_INPUTS]
        response = ask(served, *batch)
        assert response.status_code == 201
        answer = response.get_json()
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


def test_one_gets_the_same_as_among_others(served: FlaskClient) -> None:
    (alone,) = ask(served, INPUTS[-1]).get_json()["predictions"]
    assert ask(served, ONE, INPUTS[-1]).get_json()["predictions"][1] == alone


def test_which_model_answers(served: FlaskClient) -> None:
    card = artifact.read(trained())
    model = served.get("/v1/model").get_json()
    assert (model["name"], model["version"]) == (task.NAME, card.version)
    assert (model["library"], model["libraryVersion"]) == (card.library.name, card.library.version)
    assert model["labels"] == list(task.LABELS)
    assert [feature["name"] for feature in model["features"]] == list(ONE)
    assert model["accuracy"] >= task.MIN_ACCURACY
    assert (model["rows"], model["dataSha256"]) == (len(INPUTS), card.data.sha256)
    check_fields(served.get("/v1/model?x=1"), "x")


@pytest.mark.parametrize(
    "value", [None, "1", True, [1], {}, COLUMN.minimum - 0.01, COLUMN.maximum + 0.01]
)
def test_a_value_that_does_not_fit(served: FlaskClient, value: object) -> None:
    check_fields(ask(served, ONE, {**ONE, NAME: value}), f"inputs.1.{NAME}")


def test_numbers_that_are_none(served: FlaskClient) -> None:
    text = json.dumps({"inputs": [{**ONE, NAME: 0.125}]})
    for number, status in (("1e999", 422), ("-1e999", 422), ("NaN", 400), ("Infinity", 400)):
        body = text.replace("0.125", number)
        check_problem(served.post(PATH, data=body, headers=JSON), status)


def test_another_shape(served: FlaskClient) -> None:
    check_fields(ask(served), "inputs")
    check_fields(ask(served, *[ONE] * (MAX_INPUTS + 1)), "inputs")
    assert ask(served, *[ONE] * MAX_INPUTS).status_code == 201
    check_fields(ask(served, {**ONE, "colour": "red"}), "inputs.0.colour")
    missing = {name: value for name, value in ONE.items() if name != NAME}
    check_fields(ask(served, missing), f"inputs.0.{NAME}")
    check_fields(served.post(PATH, json={}), "inputs")
    check_fields(served.post(PATH, json={"inputs": ONE}), "inputs")
    check_fields(served.post(PATH, json={"inputs": [ONE], "model": "x"}), "model")
    check_fields(served.post(PATH, json=[ONE]), "body")
    check_fields(served.post(f"{PATH}?x=1", json={"inputs": [ONE]}), "x")
    check_problem(served.post(PATH, data="{", headers=JSON), 400)
    check_problem(served.post(PATH, data="{}"), 415)
    check_problem(served.get(PATH), 405)


def test_too_large(served: FlaskClient) -> None:
    def send(size: int) -> list[TestResponse]:
        """The answers to a body of that size, with its length declared and without."""
        body = json.dumps({"inputs": [ONE]}).encode().ljust(size)
        declared = served.post(PATH, data=body, headers=JSON)
        chunked = served.post(
            PATH,
            input_stream=BytesIO(body),
            headers={**JSON, "transfer-encoding": "chunked"},
            environ_base={"wsgi.input_terminated": True},  # as servers that take such bodies say
        )
        return [declared, chunked]

    for response in send(MAX_BODY):
        assert response.status_code == 201
    for size in (MAX_BODY + 1, MAX_BODY + 2, 3 * MAX_BODY):
        for response in send(size):
            check_problem(response, 413)


@pytest.mark.parametrize("value", ["", "x", "0", "-1", "1.5", "60001"])
def test_a_deadline_that_is_none(served: FlaskClient, value: str) -> None:
    check_fields(ask(served, ONE, **{"x-deadline-ms": value}), "X-Deadline-Ms")


def test_a_deadline_is_kept(slow: tuple[Slow, Flask]) -> None:
    model, app = slow
    started = time.monotonic()
    check_problem(ask_app(app, **{"x-deadline-ms": "200"}), 503)
    assert 0.2 <= time.monotonic() - started < 2
    model.go.set()
    assert ask_app(app, **{"x-deadline-ms": "60000"}).status_code == 201


def test_the_settings_have_the_last_word(slow: tuple[Slow, Flask]) -> None:
    _, app = slow
    started = time.monotonic()
    check_problem(ask_app(app, **{"x-deadline-ms": "60000"}), 503)
    assert 2 <= time.monotonic() - started < 5


def test_more_than_can_wait(slow: tuple[Slow, Flask]) -> None:
    model, app = slow
    with ThreadPoolExecutor(SLOTS) as threads:
        waiting = [threads.submit(ask_app, app) for _ in range(SLOTS)]
        until(lambda: model.asked == 1)
        until(lambda: BUSY in ask_app(app, **{"x-deadline-ms": "50"}).text)
        assert app.test_client().get("/healthz").status_code == 200
        assert app.test_client().get("/readyz").status_code == 200
        model.go.set()
        assert 201 in {work.result().status_code for work in waiting}
    assert ask_app(app).status_code == 201


def test_a_slot_is_free_when_the_work_ends(slow: tuple[Slow, Flask]) -> None:
    model, app = slow
    for _ in range(SLOTS):
        check_problem(ask_app(app, **{"x-deadline-ms": "50"}), 503)
    assert model.asked == 1, "the second was left out, as its time was over before its turn"
    model.go.set()
    until(lambda: ask_app(app).status_code == 201)


def test_not_ready(client: FlaskClient) -> None:
    assert client.get("/healthz").status_code == 200
    ready = check_problem(client.get("/readyz"), 503)
    assert ready["checks"] == {"database": "ok", "model": "loading"}
    check_problem(ask(client, ONE), 503)
    check_problem(client.get("/v1/model"), 503)


def test_without_a_model(migrated: str, tmp_path: Path) -> None:
    app = create_app(Settings(database_url=migrated, model_dir=tmp_path))
    client = app.test_client()
    until(lambda: client.get("/readyz").get_json()["checks"]["model"] != "loading")
    ready = check_problem(client.get("/readyz"), 503)
    why = "failed: there is no trained model; train one"
    assert ready["checks"] == {"database": "ok", "model": why}
    assert client.get("/healthz").status_code == 200
    check_problem(ask(client, ONE), 503)
    app.extensions["predictions"].close()
    app.extensions["database"].close()


def test_the_contract(client: FlaskClient) -> None:
    contract = client.get("/openapi.json").get_json()
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
