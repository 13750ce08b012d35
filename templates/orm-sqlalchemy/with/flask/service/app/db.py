"""How a request gets its session, and what it answers while the database is away."""

import logging

from flask import Flask, Response, current_app, g
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.database import Database
from app.engine import is_away
from app.health import add_check
from app.problems import problem, unexpected
from app.settings import Settings

log = logging.getLogger(__name__)


def init_app(app: Flask, settings: Settings) -> None:
    database = Database(settings)
    app.extensions["database"] = database
    add_check(app, "database", database.ping)
    app.teardown_appcontext(close_session)
    app.register_error_handler(SQLAlchemyError, database_error)


def get_db() -> Session:
    """The session of this request."""
    if "session" not in g:
        g.session = current_app.extensions["database"].sessions()
    session: Session = g.session
    return session


def close_session(_: BaseException | None) -> None:
    if "session" in g:
        g.pop("session").close()


def database_error(error: SQLAlchemyError) -> Response:
    if not is_away(error):
        return unexpected(error)
    log.warning("the database is away: %s", error)
    return problem(503, "The database does not answer.", {"Retry-After": "2"})
