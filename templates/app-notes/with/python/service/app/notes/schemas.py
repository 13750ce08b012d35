"""Notes as they travel: what clients send and what they get."""

from datetime import datetime
from typing import Annotated

from pydantic import AliasGenerator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

MAX_ID = 2**53 - 1  # the largest integer that every JSON reader keeps exact
NO_NUL = r"^[^\x00]*$"  # not every database can keep a NUL

Title = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NO_NUL)]
Body = Annotated[str, StringConstraints(max_length=100_000, pattern=NO_NUL)]


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


class PageQuery(Input):
    limit: int = Field(20, ge=1, le=100)
    after: int = Field(0, ge=0, le=MAX_ID)


class NotePublic(BaseModel):
    model_config = ConfigDict(
        alias_generator=AliasGenerator(serialization_alias=to_camel), from_attributes=True
    )

    id: int = Field(ge=1, le=MAX_ID)
    title: Title
    body: Body
    created_at: datetime
    updated_at: datetime


class NotePage(BaseModel):
    items: list[NotePublic]
    next: int | None
