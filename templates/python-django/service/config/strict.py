"""What every operation of the API refuses before ninja looks at its input."""

import json
from collections.abc import Callable
from functools import wraps
from types import MethodType
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation
from ninja.parser import Parser

type Run = Callable[..., HttpResponse]


def strict(run: Run) -> Run:
    """Takes plain JSON bodies only (415, 400), and each query parameter once, if at all (422)."""
    operation = cast("Operation", cast("MethodType", run).__self__)
    takes_body = any(model.__ninja_param_source__ == "body" for model in operation.models)
    parameters = {
        name
        for model in operation.models
        if model.__ninja_param_source__ == "query"
        for name in getattr(model, "__ninja_flatten_map__", ())
    }

    @wraps(run)
    def run_strictly(request: HttpRequest, **path: object) -> HttpResponse:
        try:
            if takes_body:
                _check_body(request)
            _check_query(request, parameters)
        except (HttpError, ValidationError) as error:
            return operation.api.on_exception(request, error)
        return run(request, **path)

    return run_strictly


class JsonParser(Parser):
    def parse_body(self, request: HttpRequest) -> Any:  # noqa: ANN401  # whatever the client sent
        # The json module would take UTF-16 too, half a surrogate pair, and NaN.
        try:
            return json.loads(str(request.body, "utf-8"), parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise HttpError(400, "The body is not valid JSON.") from error


def _no_number(name: str) -> None:
    raise ValueError(name)


def _check_body(request: HttpRequest) -> None:
    if request.content_type != "application/json":
        raise HttpError(415, "Send application/json.")
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise HttpError(415, "Send the body as it is.")
    if not request.body:
        raise HttpError(400, "The body is empty.")


def _check_query(request: HttpRequest, parameters: set[str]) -> None:
    faults = [
        {
            "loc": ("query", name),
            "msg": "Input should be given once"
            if name in parameters
            else "Extra inputs are not permitted",
        }
        for name, values in request.GET.lists()
        if name not in parameters or len(values) > 1
    ]
    if faults:
        raise ValidationError(faults)
