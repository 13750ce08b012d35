"""The real migrations."""

from app import migrate as migrations
from app.settings import Settings


def migrate(url: str) -> list[str]:
    return migrations.migrate(Settings(database_url=url))
