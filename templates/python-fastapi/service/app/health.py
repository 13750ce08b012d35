"""Whether the process is alive, and whether it can do its work."""

import logging
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from app.problems import NotReady, ProblemResponse

router = APIRouter(tags=["health"])
log = logging.getLogger(__name__)


class Health(BaseModel):
    status: Literal["ok"] = "ok"


class Readiness(Health):
    checks: dict[str, str]


@router.get("/healthz")
async def healthz() -> Health:
    return Health()


@router.get("/readyz", response_model=Readiness, responses={503: {"model": NotReady}})
async def readyz(request: Request) -> Readiness | Response:
    checks = {}
    for name, check in request.app.state.checks.items():
        try:
            await check()
        except Exception as error:  # whatever it is, the service is not ready
            log.warning("not ready: %s: %s", name, error)
            checks[name] = "failed"
        else:
            checks[name] = "ok"
    if "failed" in checks.values():
        return ProblemResponse(503, "The service cannot do its work now.", checks=checks)
    return Readiness(checks=checks)
