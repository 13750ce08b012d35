"""How Alembic reaches the database and learns what it should look like."""

import logging
import sys
from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import NullPool, Table, create_engine, event
from sqlalchemy.exc import DBAPIError

from app.engine import UTCDateTime, is_away
from app.models import Base
from app.notes import models  # noqa: F401  # the import fills the metadata
from app.settings import load_settings
from app.sqlite import database_path


def render_item(kind: str, item: object, _: AutogenContext) -> str | Literal[False]:
    """Keep the application's own types out of migrations, which outlive them."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


@event.listens_for(Table, "before_create")
def number_rows_once(table: Table, *_: object, **__: object) -> None:
    """No id is given out twice. A migration that copies a table would forget that."""
    table.dialect_options["sqlite"]["autoincrement"] = True


logging.basicConfig(level=logging.INFO, format="%(message)s")
url = f"sqlite:///{database_path(load_settings().database_url)}"
try:
    with create_engine(url, poolclass=NullPool).connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")  # the file remembers it
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            compare_server_default=True,
            render_as_batch=True,  # SQLite cannot alter most of a table: it is copied
            render_item=render_item,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
except DBAPIError as error:
    if not is_away(error):
        raise
    reason = " ".join(str(error.orig).split())
    sys.exit(f"cannot migrate: the database does not answer: {reason}")
