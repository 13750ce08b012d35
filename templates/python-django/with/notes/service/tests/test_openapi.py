"""The contract is valid, complete, and true."""

from typing import Any

import pytest
from django.test import Client
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from tests.api import JSON, PROBLEM

ROUTES = {
    ("get", "/healthz"): {"200", "500"},
    ("get", "/readyz"): {"200", "500", "503"},
    ("get", "/openapi.json"): {"200", "500"},
    ("get", "/docs"): {"200", "500"},
    ("get", "/api/notes"): {"200", "422", "500", "503"},
    ("post", "/api/notes"): {"201", "400", "413", "415", "422", "500", "503"},
    ("get", "/api/notes/{id}"): {"200", "404", "422", "500", "503"},
    ("patch", "/api/notes/{id}"): {"200", "400", "404", "413", "415", "422", "500", "503"},
    ("delete", "/api/notes/{id}"): {"204", "404", "422", "500", "503"},
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def contract(client: Client) -> dict[str, Any]:
    response = client.get("/openapi.json")
    assert response["Content-Type"].startswith(JSON)
    contract: dict[str, Any] = response.json()
    return contract


def test_valid(contract: dict[str, Any]) -> None:
    validate(contract)
    assert contract["openapi"].startswith("3.1.")


def test_complete(contract: dict[str, Any]) -> None:
    described = {
        (method, path): set(operation["responses"])
        for path, operations in contract["paths"].items()
        for method, operation in operations.items()
    }
    assert described.items() >= ROUTES.items()


def test_errors_are_problems_and_the_rest_is_json(contract: dict[str, Any]) -> None:
    for path, operations in contract["paths"].items():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                expected = [PROBLEM if status >= "400" else JSON]
                if (path, status) == ("/docs", "200"):
                    expected = ["text/html"]
                if status == "204":
                    expected = []
                assert list(response.get("content", {})) == expected


def test_true(client: Client, contract: dict[str, Any]) -> None:
    def check(method: str, url: str, path: str, body: str = "", kind: str = JSON) -> None:
        response = client.generic(method.upper(), url, body, kind)
        described = contract["paths"][path][method]["responses"][str(response.status_code)]
        if response.content:
            content = described["content"][response["Content-Type"].partition(";")[0]]
            schema = {**content["schema"], "components": contract["components"]}
            OAS31Validator(schema).validate(response.json())
        else:
            assert "content" not in described

    check("get", "/healthz", "/healthz")
    check("get", "/readyz", "/readyz")
    check("get", "/openapi.json", "/openapi.json")
    check("post", "/api/notes", "/api/notes", '{"title": "x"}')
    check("post", "/api/notes", "/api/notes", '{"title": ""}')
    check("post", "/api/notes", "/api/notes", "x", "text/plain")
    check("get", "/api/notes?limit=1", "/api/notes")
    check("get", "/api/notes?limit=0", "/api/notes")
    note_id = client.get("/api/notes").json()["items"][0]["id"]
    for url in (f"/api/notes/{note_id}", "/api/notes/999999999", "/api/notes/x"):
        check("get", url, "/api/notes/{id}")
        check("patch", url, "/api/notes/{id}", '{"body": "y"}')
        check("delete", url, "/api/notes/{id}")


def test_limits_are_told(contract: dict[str, Any]) -> None:
    parameters = {p["name"]: p for p in contract["paths"]["/api/notes"]["get"]["parameters"]}
    assert {name: p["in"] for name, p in parameters.items()} == {"limit": "query", "after": "query"}
    limit, after = parameters["limit"]["schema"], parameters["after"]["schema"]
    assert (limit["minimum"], limit["maximum"], limit["default"]) == (1, 100, 20)
    assert (after["minimum"], after["maximum"], after["default"]) == (0, 2**53 - 1, 0)
    (note_id,) = contract["paths"]["/api/notes/{id}"]["get"]["parameters"]
    assert (note_id["name"], note_id["in"]) == ("id", "path")
    assert (note_id["schema"]["minimum"], note_id["schema"]["maximum"]) == (1, 2**53 - 1)
    create = contract["components"]["schemas"]["NoteCreate"]
    assert create["required"] == ["title"]
    assert create["additionalProperties"] is False
    title, body = create["properties"]["title"], create["properties"]["body"]
    assert (title["minLength"], title["maxLength"], body["maxLength"]) == (1, 200, 100_000)
