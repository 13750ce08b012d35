"""Every error of the API leaves the service as RFC 9457 problem details."""

import json
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from pydantic import BaseModel

MEDIA_TYPE = "application/problem+json"


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


class ProblemResponse(HttpResponse):
    def __init__(self, status: int, detail: str, **members: object) -> None:
        problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
        # A name that a client sent may hold half a surrogate pair, which has no UTF-8.
        text = json.dumps(problem.model_dump() | members, ensure_ascii=False)
        content = text.encode("utf-8", "replace")
        super().__init__(content, status=status, content_type=MEDIA_TYPE)


def responses(*statuses: int) -> dict[int, Any]:
    """What an operation says in the contract about its errors; a fault of ours is always one."""
    models = {422: ValidationProblem}
    return {status: models.get(status, Problem) for status in (*statuses, 500)}
