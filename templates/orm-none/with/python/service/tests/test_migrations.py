"""Each migration is applied once, in order, and whole or not at all."""

from pathlib import Path

import pytest

from app import migrate
from tests import database, schema


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_first.sql").write_text("CREATE TABLE a (b integer);\nINSERT INTO a VALUES (1);")
    monkeypatch.setattr(migrate, "FOLDER", folder)
    return folder


def test_every_file_is_applied_once(tmp_path: Path, folder: Path) -> None:
    with database.fresh(tmp_path) as url:
        assert schema.migrate(url) == ["0001_first.sql"]
        assert schema.migrate(url) == []
        (folder / "0002_second.sql").write_text("-- a comment; with a semicolon\nDELETE FROM a;")
        assert schema.migrate(url) == ["0002_second.sql"]
        assert database.execute(url, "SELECT * FROM a") == []


def test_a_broken_file_leaves_nothing_behind(tmp_path: Path, folder: Path) -> None:
    with database.fresh(tmp_path) as url:
        schema.migrate(url)
        broken = folder / "0002_broken.sql"
        broken.write_text("DELETE FROM a;\nINSERT INTO nowhere VALUES (1);")
        with pytest.raises(Exception, match="nowhere"):
            schema.migrate(url)
        assert database.execute(url, "SELECT * FROM a") == [(1,)]
        broken.write_text("DELETE FROM a;")
        assert schema.migrate(url) == ["0002_broken.sql"]


def test_a_database_that_is_away_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database.away(tmp_path))
    with pytest.raises(SystemExit) as stop:
        migrate.main()
    line = str(stop.value.code)
    assert line.startswith("cannot migrate: the database does not answer: ")
    assert "\n" not in line
