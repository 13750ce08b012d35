"""The contract: what `app.api` knows of the views, as an OpenAPI document."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema
from werkzeug.routing import Rule

from app import api, problems

REF = "#/components/schemas/{model}"
Schemas = Mapping[Any, dict[str, Any]]  # by model and mode


def document(app: Flask) -> dict[str, Any]:
    views = [
        (rule, api.operations[app.view_functions[rule.endpoint]])
        for rule in app.url_map.iter_rules()
        if app.view_functions[rule.endpoint] in api.operations
    ]
    schemas, definitions = _schemas([operation for _, operation in views])
    paths: dict[str, dict[str, Any]] = {}
    for rule, operation in views:
        path = paths.setdefault(re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule), {})
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            path[method.lower()] = _operation(rule, operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": app.config["API_TITLE"], "version": app.config["API_VERSION"]},
        "paths": paths,
        "components": {"schemas": definitions},
    }


def _schemas(operations: list[api.Operation]) -> tuple[Schemas, dict[str, Any]]:
    """The reference of every model, and all that the references lead to."""
    models: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {}
    for operation in operations:
        if "body" in operation.inputs:
            models[operation.inputs["body"], "validation"] = None
        if operation.output:
            models[operation.output, "serialization"] = None
        for error in operation.errors.values():
            models[error, "serialization"] = None
    schemas, definitions = models_json_schema(list(models), ref_template=REF)
    return schemas, definitions["$defs"]


def _operation(rule: Rule, operation: api.Operation, schemas: Schemas) -> dict[str, Any]:
    tag, _, name = rule.endpoint.rpartition(".")
    described: dict[str, Any] = {
        "operationId": name,
        "summary": name.replace("_", " ").capitalize(),
        "tags": [tag],
    }
    parameters = [
        parameter
        for place in ("path", "query")
        if place in operation.inputs
        for parameter in _parameters(place, operation.inputs[place])
    ]
    if parameters:
        described["parameters"] = parameters
    if body := operation.inputs.get("body"):
        content = {api.JSON: {"schema": schemas[body, "validation"]}}
        described["requestBody"] = {"required": True, "content": content}
    described["responses"] = {
        str(operation.status): _success(operation, schemas),
        **{
            str(status): {
                "description": HTTPStatus(status).phrase,
                "content": {problems.MEDIA_TYPE: {"schema": schemas[model, "serialization"]}},
            }
            for status, model in sorted(operation.errors.items())
        },
    }
    return described


def _parameters(place: str, model: type[BaseModel]) -> list[dict[str, Any]]:
    schema = model.model_json_schema()
    return [
        {
            "name": name,
            "in": place,
            "required": name in schema.get("required", []),
            "schema": {key: value for key, value in field.items() if key != "title"},
        }
        for name, field in schema["properties"].items()
    ]


def _success(operation: api.Operation, schemas: Schemas) -> dict[str, Any]:
    success: dict[str, Any] = {"description": HTTPStatus(operation.status).phrase}
    if operation.output:
        schema = schemas[operation.output, "serialization"]
    else:
        schema = {"type": "object" if operation.media_type == api.JSON else "string"}
    if operation.status != HTTPStatus.NO_CONTENT:
        success["content"] = {operation.media_type: {"schema": schema}}
    return success
