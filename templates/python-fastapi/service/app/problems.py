"""Every error leaves the service as RFC 9457 problem details, and the contract says so."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.routing import Match

MEDIA_TYPE = "application/problem+json"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
DETAILS = {
    404: "There is nothing at this path.",
    405: "This path does not take that method.",
}


class Problem(BaseModel):
    type: str = "about:blank"
    title: str
    status: int
    detail: str


class FieldError(BaseModel):
    field: str
    detail: str


class ValidationProblem(Problem):
    errors: list[FieldError]


class NotReady(Problem):
    checks: dict[str, str]


class Unavailable(HTTPException):
    """What the service leans on is away for now: raise it `from` the error that says so."""

    def __init__(self, detail: str) -> None:
        super().__init__(503, detail, {"Retry-After": "2"})


class ProblemResponse(JSONResponse):
    media_type = MEDIA_TYPE

    def __init__(
        self,
        status_code: int,
        detail: str,
        headers: Mapping[str, str] | None = None,
        **members: object,
    ) -> None:
        title = HTTPStatus(status_code).phrase
        problem = Problem(title=title, status=status_code, detail=detail)
        super().__init__(problem.model_dump() | members, status_code, headers)

    def render(self, content: object) -> bytes:
        # A name that a client sent may hold half a surrogate pair, which has no UTF-8.
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "replace")


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route says in the contract about its errors."""
    models = {422: ValidationProblem}
    return {status: {"model": models.get(status, Problem)} for status in statuses}


async def http_error(request: Request, error: HTTPException) -> ProblemResponse:
    """What routes raise, and what the router itself raises for unknown paths and methods."""
    headers = dict(error.headers or {})
    detail = error.detail
    if detail == HTTPStatus(error.status_code).phrase:
        detail = DETAILS.get(error.status_code, detail)
    if error.status_code == 405:  # the router only names the methods of the first route
        headers["Allow"] = ", ".join(m for m in METHODS if _takes(request, m))
    return ProblemResponse(error.status_code, detail, headers)


def _takes(request: Request, method: str) -> bool:
    scope = {**request.scope, "method": method}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)


async def invalid(_: Request, error: RequestValidationError) -> ProblemResponse:
    faults = error.errors()
    if any(fault["type"] == "json_invalid" for fault in faults):
        return ProblemResponse(400, "The body is not valid JSON.")
    errors = [{"field": _name(fault["loc"]), "detail": fault["msg"]} for fault in faults]
    return ProblemResponse(422, "Some values do not fit.", errors=errors)


def _name(location: tuple[str | int, ...]) -> str:
    """`("body", "address", "city")` is `address.city`; the body itself is `body`."""
    return ".".join(map(str, location[1:])) or str(location[0])


class App(FastAPI):
    """FastAPI, with errors as problems: in its answers and in its contract."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  # FastAPI's own arguments
        handlers = {HTTPException: http_error, RequestValidationError: invalid}
        # Starlette's types want handlers that take any Exception.
        super().__init__(exception_handlers=handlers, **options)  # type: ignore[arg-type]

    def openapi(self) -> dict[str, Any]:
        schema = super().openapi()
        for path in schema["paths"].values():
            for operation in path.values():
                for status, response in operation["responses"].items():
                    if status >= "400":
                        (problem,) = response["content"].values()
                        response["content"] = {MEDIA_TYPE: problem}
        return schema
