"""How Alembic reaches the database and learns what it should look like."""

import logging
import sys

from alembic import context
from sqlalchemy import NullPool, create_engine, make_url
from sqlalchemy.exc import DBAPIError

from app.engine import is_away
from app.models import Base
from app.notes import models  # noqa: F401  # the import fills the metadata
from app.settings import load_settings

logging.basicConfig(level=logging.INFO, format="%(message)s")
url = make_url(load_settings().database_url).set(drivername="postgresql+psycopg")
try:
    with create_engine(url, poolclass=NullPool).connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            compare_server_default=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
except DBAPIError as error:
    if not is_away(error):
        raise
    reason = " ".join(str(error.orig).split())
    sys.exit(f"cannot migrate: the database does not answer: {reason}")
