"""What every route of the API refuses before FastAPI looks at its input."""

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute


class StrictRequest(Request):
    """A request whose body FastAPI asks for only where the route takes one."""

    async def body(self) -> bytes:
        body = await super().body()
        if not body:
            raise HTTPException(400, "The body is empty.")
        return body

    async def json(self) -> Any:  # noqa: ANN401  # whatever the client sent
        # The json module would take UTF-16 too, half a surrogate pair, and NaN.
        return json.loads(str(await self.body(), "utf-8"), parse_constant=_no_number)


class StrictRoute(APIRoute):
    """Takes JSON bodies only (415), and no query where it has no query parameters (422)."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            if self.body_field and _media_type(request) != "application/json":
                raise HTTPException(415, "Send application/json.", {"Accept": "application/json"})
            if not self.dependant.query_params and request.query_params:
                raise RequestValidationError([_unknown(name) for name in request.query_params])
            return await handle(StrictRequest(request.scope, request.receive))

        return handle_strictly


def _no_number(name: str) -> None:
    raise ValueError(name)


def _unknown(parameter: str) -> dict[str, object]:
    return {
        "type": "extra_forbidden",
        "loc": ("query", parameter),
        "msg": "Extra inputs are not permitted",
    }


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
