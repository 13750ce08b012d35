"""What the other service relies on, in a form that stays the same whatever frames it.

The service describes itself at /openapi.json. A caller needs less: paths, parameters, schemas and
statuses, but no words for readers, and nothing about the pages that show the description.
"""

import json
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

from contract.source import described

FILE = Path(__file__).parents[3] / "contracts" / "ml.openapi.json"
REF = "#/components/schemas/"
# Versions of Python call these by different names.
NAMES = {413: "Content Too Large", 422: "Unprocessable Content"}

Json = dict[str, Any]


def text() -> str:
    """The contract as it has to stand in the file."""
    return json.dumps(document(described()), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def document(openapi: Json) -> Json:
    paths = {
        path: {
            method: _operation(operation)
            for method, operation in operations.items()
            if "docs" not in operation["tags"]
        }
        for path, operations in openapi["paths"].items()
    }
    paths = {path: operations for path, operations in paths.items() if operations}
    schemas: Json = {}
    wanted = [paths]
    while wanted:
        for name in _references(wanted.pop()):
            if name not in schemas:
                schemas[name] = _plain(openapi["components"]["schemas"][name])
                wanted.append(schemas[name])
    return {
        "openapi": openapi["openapi"],
        "info": {key: openapi["info"][key] for key in ("title", "version")},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _operation(operation: Json) -> Json:
    kept: Json = {"operationId": operation["operationId"]}
    if parameters := operation.get("parameters"):
        kept["parameters"] = [_parameter(parameter) for parameter in parameters]
    if "requestBody" in operation:
        kept["requestBody"] = _plain(operation["requestBody"])
    kept["responses"] = {
        str(status): {
            "description": NAMES.get(int(status)) or HTTPStatus(int(status)).phrase,
            "content": _plain(response["content"]),
        }
        for status, response in operation["responses"].items()
    }
    return kept


def _parameter(parameter: Json) -> Json:
    """One that may be left out is never null, and what stands in for it is nobody's business."""
    schema = _plain(parameter["schema"])
    for each in schema.pop("anyOf", []):
        if each != {"type": "null"}:
            schema |= each
    kept = {key: parameter[key] for key in ("in", "name", "required")}
    return kept | {
        "schema": {k: v for k, v in schema.items() if k not in {"default", "description"}}
    }


def _plain(value: Any) -> Any:  # noqa: ANN401  # any part of a document
    """The same without titles, which only repeat names, and with one way to write a number."""
    if isinstance(value, dict):
        return {
            key: _plain(each)
            for key, each in value.items()
            if not (key == "title" and isinstance(each, str))
        }
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _references(value: Any) -> Iterator[str]:  # noqa: ANN401  # any part of a document
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"].removeprefix(REF)
        for each in value.values():
            yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)
