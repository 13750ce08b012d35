"""What makes a view a part of the API: checked input, JSON output, and its place in the contract.

Written here because the extensions that do this describe every model as input, where output has
other names, and take more JSON than there is.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar, get_type_hints

from flask import Response, abort, request
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge

from app.problems import Problem, ValidationProblem, problem

MAX_BODY = 1024 * 1024
JSON = "application/json"

P = ParamSpec("P")
R = TypeVar("R")


class NoQuery(BaseModel):
    """The query of what has no query parameters."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Operation:
    """What the contract says of a view."""

    output: type[BaseModel] | None
    status: int
    errors: Mapping[int, type[BaseModel]]
    media_type: str
    inputs: Mapping[str, type[BaseModel]]


operations: dict[object, Operation] = {}  # by view


def describe(
    output: type[BaseModel] | None = None,
    *,
    errors: Mapping[int, type[BaseModel]] | None = None,
    media_type: str = JSON,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Put a view into the contract, and change nothing about it."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        operations[view] = Operation(output, 200, {500: Problem, **(errors or {})}, media_type, {})
        return view

    return decorate


def endpoint(
    output: type[BaseModel] | None = None, *, status: int = 200, errors: tuple[int, ...] = ()
) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Check the input of a view, and answer with the model that it returns.

    The view says by its arguments what it takes: `path`, `query` and `body`, each of a model. It
    may return headers too: `return note, {"Location": ...}`.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Response]:
        hints = get_type_hints(view)
        inputs: dict[str, type[BaseModel]] = {
            place: hints[place] for place in ("path", "query", "body") if place in hints
        }
        refusals = (400, 413, 415) if "body" in inputs else ()
        problems: dict[int, type[BaseModel]] = {422: ValidationProblem}
        problems |= dict.fromkeys((500, *refusals, *errors), Problem)

        @wraps(view)
        def checked(**_: str) -> Response:
            given = _check({"query": NoQuery, **inputs})
            result = view(**{place: given[place] for place in inputs})
            model, headers = result if isinstance(result, tuple) else (result, None)
            return answer(model, status, headers)

        operations[checked] = Operation(output, status, problems, JSON, inputs)
        return checked

    return decorate


def answer(
    model: BaseModel | None, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    if model is None:
        response = Response(status=status, headers=headers)
        del response.headers["Content-Type"]
        return response
    return Response(model.model_dump_json(by_alias=True), status, headers, content_type=JSON)


def _check(models: Mapping[str, type[BaseModel]]) -> dict[str, BaseModel]:
    """What was sent, place by place, or a problem that names every fault."""
    sent = {
        "body": _read_json() if "body" in models else None,
        "path": request.view_args,
        "query": request.args.to_dict(),
    }
    known = {field.alias for field in models["query"].model_fields.values()}
    faults = [
        {"field": name, "detail": "Input should be given once"}
        for name, values in request.args.lists()
        if len(values) > 1 and name in known
    ]
    given = {}
    for place, model in models.items():
        try:
            given[place] = model.model_validate(sent[place])
        except ValidationError as error:
            faults += [
                {"field": ".".join(map(str, fault["loc"])) or place, "detail": fault["msg"]}
                for fault in error.errors()
            ]
    if faults:
        abort(problem(422, "Some values do not fit.", errors=faults))
    return given


def _read_json() -> object:
    if request.mimetype != JSON:
        abort(problem(415, "Send application/json.", {"Accept": JSON}))
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        abort(problem(415, "Send the body as it is.", {"Accept-Encoding": "identity"}))
    try:
        body = request.get_data(cache=False)
    except HTTPException:
        raise
    except Exception as error:  # what the server makes of a body that is no HTTP is its own
        raise BadRequest("The body cannot be read.") from error
    # Werkzeug cuts a body without a declared length at MAX_CONTENT_LENGTH, one byte later.
    if len(body) > MAX_BODY:
        raise RequestEntityTooLarge
    if not body:
        raise BadRequest("The body is empty.")
    try:
        # The json module would take UTF-16 too, half a surrogate pair, and NaN.
        return json.loads(str(body, "utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body is not valid JSON.") from error


def _no_number(name: str) -> None:
    raise ValueError(name)
