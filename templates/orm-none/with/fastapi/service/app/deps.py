"""What routes ask for by type."""

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.concurrency import run_in_threadpool

from app.database import Database, is_away
from app.problems import Unavailable
from app.settings import Settings

log = logging.getLogger(__name__)


@asynccontextmanager
async def open_database(app: FastAPI, settings: Settings) -> AsyncGenerator[None]:
    database = Database(settings)
    app.state.database = database
    app.state.checks["database"] = partial(run_in_threadpool, database.ping)
    yield
    database.close()


async def get_database(request: Request) -> AsyncGenerator[Database]:
    try:
        yield request.app.state.database
    except Exception as error:
        if not is_away(error):
            raise
        log.warning("the database is away: %s", error)
        raise Unavailable("The database does not answer.") from error


DbDep = Annotated[Database, Depends(get_database)]
