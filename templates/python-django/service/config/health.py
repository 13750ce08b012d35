"""Whether the process is alive, and whether it can do its work."""

import logging
from typing import Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import BaseModel

from config import database
from config.problems import NotReady, ProblemResponse, responses

router = Router(tags=["health"])
log = logging.getLogger(__name__)
CHECKS = {"database": database.ping}  # what /readyz asks, by name


class Health(BaseModel):
    status: Literal["ok"] = "ok"


class Readiness(Health):
    checks: dict[str, str]


@router.get("/healthz", response={200: Health, **responses()})
def healthz(request: HttpRequest) -> Health:
    return Health()


@router.get("/readyz", response={200: Readiness, 503: NotReady, **responses()})
def readyz(request: HttpRequest) -> Readiness | HttpResponse:
    checks = {}
    for name, check in CHECKS.items():
        try:
            check()
        except Exception as error:  # whatever it is, the service is not ready
            log.warning("not ready: %s: %s", name, error)
            checks[name] = "failed"
        else:
            checks[name] = "ok"
    if "failed" in checks.values():
        return ProblemResponse(503, "The service cannot do its work now.", checks=checks)
    return Readiness(checks=checks)
