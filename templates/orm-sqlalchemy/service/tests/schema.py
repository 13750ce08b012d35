"""The real migrations, run by Alembic."""

import pytest
from alembic import command
from alembic.config import Config

from tests.server import ROOT


def migrate(url: str) -> None:
    alembic(url, "upgrade", "head")


def alembic(url: str, name: str, *arguments: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        getattr(command, name)(Config(toml_file=ROOT / "pyproject.toml"), *arguments)
