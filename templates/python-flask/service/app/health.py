"""Whether the process is alive, and whether it can do its work."""

import logging
from collections.abc import Callable
from typing import Literal

from flask import Blueprint, Flask, Response, current_app
from pydantic import BaseModel

from app.api import answer, describe
from app.problems import NotReady, problem

blueprint = Blueprint("health", __name__)
log = logging.getLogger(__name__)


class Health(BaseModel):
    status: Literal["ok"] = "ok"


class Readiness(Health):
    checks: dict[str, str]


def add_check(app: Flask, name: str, check: Callable[[], None]) -> None:
    """Have /readyz call this; it raises where the service cannot do its work."""
    app.extensions.setdefault("checks", {})[name] = check


@blueprint.get("/healthz")
@describe(Health)
def healthz() -> Response:
    return answer(Health())


@blueprint.get("/readyz")
@describe(Readiness, errors={503: NotReady})
def readyz() -> Response:
    checks = {}
    for name, check in current_app.extensions.get("checks", {}).items():
        try:
            check()
        except Exception as error:  # whatever it is, the service is not ready
            log.warning("not ready: %s: %s", name, error)
            checks[name] = "failed"
        else:
            checks[name] = "ok"
    if "failed" in checks.values():
        return problem(503, "The service cannot do its work now.", checks=checks)
    return answer(Readiness(checks=checks))
