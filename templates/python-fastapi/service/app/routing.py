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
    """Takes plain JSON bodies only (415), and each query parameter once, if at all (422)."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            if self.body_field:
                _check_media_type(request)
            if not self.dependant.query_params and request.query_params:
                raise RequestValidationError([_unknown(name) for name in request.query_params])
            if repeated := [name for name in request.query_params if _is_repeated(request, name)]:
                raise RequestValidationError([_repeated(name) for name in repeated])
            return await handle(StrictRequest(request.scope, request.receive))

        return handle_strictly


def _no_number(name: str) -> None:
    raise ValueError(name)


def _check_media_type(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind.strip().lower() != "application/json":
        raise HTTPException(415, "Send application/json.", {"Accept": "application/json"})
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise HTTPException(415, "Send the body as it is.", {"Accept-Encoding": "identity"})


def _is_repeated(request: Request, parameter: str) -> bool:
    return len(request.query_params.getlist(parameter)) > 1


def _unknown(parameter: str) -> dict[str, object]:
    return {
        "type": "extra_forbidden",
        "loc": ("query", parameter),
        "msg": "Extra inputs are not permitted",
    }


def _repeated(parameter: str) -> dict[str, object]:
    return {"type": "repeated", "loc": ("query", parameter), "msg": "Input should be given once"}
