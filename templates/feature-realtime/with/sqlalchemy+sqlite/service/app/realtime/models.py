"""The table of events, which triggers on the notes write."""

from typing import Any

from sqlalchemy import JSON, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models import Base


class NoteEvent(Base):
    __tablename__ = "note_events"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012  # no id is given out twice

    id: Mapped[int] = mapped_column(primary_key=True)
    change: Mapped[str] = mapped_column(Text)
    note: Mapped[dict[str, Any]] = mapped_column(JSON)
