"""What clients and the service say to each other on a WebSocket."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import (
    AliasGenerator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)
from pydantic.alias_generators import to_camel

MAX_MESSAGE = 16 * 1024  # bytes
MAX_ROOMS = 20  # of a client

EventId = Annotated[int, Field(ge=0, le=2**53 - 1)]
Room = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
ClientId = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Request(BaseModel):
    """What a client says: a misspelt name is refused, not ignored."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", strict=True)


class Subscribe(Request):
    type: Literal["subscribe"]
    last_event_id: EventId | None = None


class Unsubscribe(Request):
    type: Literal["unsubscribe"]


class Join(Request):
    type: Literal["join"]
    room: Room


class Leave(Request):
    type: Literal["leave"]
    room: Room


class Speak(Request):
    type: Literal["chat"]
    room: Room
    text: Text


class Notify(Request):
    type: Literal["notify"]
    to: ClientId
    text: Text


class Ping(Request):
    type: Literal["ping"]


type AnyRequest = Annotated[
    Subscribe | Unsubscribe | Join | Leave | Speak | Notify | Ping, Field(discriminator="type")
]
_requests: TypeAdapter[AnyRequest] = TypeAdapter(AnyRequest)


def read(text: str) -> AnyRequest:
    """Raises ValueError, with words for the client."""
    try:
        return _requests.validate_json(text)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False)[0]
        if not fault["loc"]:
            raise ValueError("Send a JSON object with a known type.") from error
        raise ValueError(f"{fault['loc'][-1]}: {fault['msg']}") from error


class Message(BaseModel):
    """What the service says."""

    model_config = ConfigDict(
        alias_generator=AliasGenerator(serialization_alias=to_camel),
        serialize_by_alias=True,
        validate_by_alias=True,
        validate_by_name=True,
    )


class Welcome(Message):
    type: Literal["welcome"] = "welcome"
    client: ClientId
    last_event_id: int


class Subscribed(Message):
    type: Literal["subscribed", "reset"]
    last_event_id: int


class Unsubscribed(Message):
    type: Literal["unsubscribed"] = "unsubscribed"


class Joined(Message):
    type: Literal["joined"] = "joined"
    room: Room


class Left(Message):
    type: Literal["left"] = "left"
    room: Room


class Pong(Message):
    type: Literal["pong"] = "pong"


class Fault(Message):
    type: Literal["error"] = "error"
    detail: str


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Chat(Message):
    type: Literal["chat"] = "chat"
    room: Room
    sender: ClientId = Field(alias="from")
    text: Text
    at: str = Field(default_factory=_now)


class Notification(Message):
    type: Literal["notification"] = "notification"
    sender: ClientId = Field(alias="from")
    text: Text
    at: str = Field(default_factory=_now)


class Delivery(Message):
    """For one client, or for everyone in a room: what one process hands to the others."""

    to: ClientId | None = None
    message: Annotated[Chat | Notification, Field(discriminator="type")]
