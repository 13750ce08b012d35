"""What routes ask for by type."""

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import Database
from app.engine import is_away
from app.problems import Unavailable
from app.settings import Settings

log = logging.getLogger(__name__)


@asynccontextmanager
async def open_database(app: FastAPI, settings: Settings) -> AsyncGenerator[None]:
    database = Database(settings)
    app.state.database = database
    app.state.checks["database"] = database.ping
    yield
    await database.close()


async def get_session(request: Request) -> AsyncGenerator[AsyncSession]:
    database: Database = request.app.state.database
    async with database.sessions() as session:
        try:
            yield session
        except SQLAlchemyError as error:
            if not is_away(error):
                raise
            log.warning("the database is away: %s", error)
            raise Unavailable("The database does not answer.") from error


DbDep = Annotated[AsyncSession, Depends(get_session)]
