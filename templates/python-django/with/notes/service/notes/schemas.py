"""Notes as they travel by the API: what clients send and what they get."""

import re
from datetime import datetime
from typing import Annotated

from pydantic import (
    AliasGenerator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticKnownError

from notes.models import MAX_BODY, MAX_TITLE

MAX_ID = 2**53 - 1  # the largest integer that every JSON reader keeps exact
NO_NUL = r"^[^\x00]*$"  # not every database can keep a NUL


def _digits(value: object) -> object:
    """Refuse what pydantic also takes for an integer: `+1`, `1.0`, `1_0`, ` 1`."""
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]+", value):
        raise PydanticKnownError("int_parsing")
    return value


NoteId = Annotated[int, Field(ge=1, le=MAX_ID), BeforeValidator(_digits)]
Limit = Annotated[int, Field(ge=1, le=100), BeforeValidator(_digits)]
After = Annotated[int, Field(ge=0, le=MAX_ID), BeforeValidator(_digits)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TITLE, pattern=NO_NUL)]
Body = Annotated[str, StringConstraints(max_length=MAX_BODY, pattern=NO_NUL)]


class Input(BaseModel):
    """What a client sends: a misspelt name is refused, not ignored."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")


class NoteCreate(Input):
    title: Title
    body: Body = ""


class NoteUpdate(Input):
    """Only what is sent is changed. The factories stand for "not sent"; null is refused."""

    title: Title = Field(default_factory=str)
    body: Body = Field(default_factory=str)


class NotePublic(BaseModel):
    model_config = ConfigDict(
        alias_generator=AliasGenerator(serialization_alias=to_camel), from_attributes=True
    )

    id: NoteId
    title: Title
    body: Body
    created_at: datetime
    updated_at: datetime


class NotePage(BaseModel):
    items: list[NotePublic]
    next: int | None
