"""The table of events, which triggers on the notes write."""

from typing import Any

from sqlalchemy import BigInteger, Identity, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models import Base


class NoteEvent(Base):
    __tablename__ = "note_events"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    change: Mapped[str] = mapped_column(Text)
    note: Mapped[dict[str, Any]] = mapped_column(JSONB)
