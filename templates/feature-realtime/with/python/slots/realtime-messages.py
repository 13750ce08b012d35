EventId = Annotated[int, Field(ge=0, le=MAX_ID)]
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


AnyRequest = Annotated[
    Subscribe | Unsubscribe | Join | Leave | Speak | Notify | Ping, Field(discriminator="type")
]
request_from_json = TypeAdapter[AnyRequest](AnyRequest).validate_json


def fault(error: ValidationError) -> str:
    """Why what a client said is none of these requests, in one line without what it said."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    match first["type"]:
        case "json_invalid":
            return "This is not valid JSON."
        case "union_tag_invalid" | "union_tag_not_found":
            return "There is no message of this type."
        case "extra_forbidden":
            return "This message has a member too many."
        case _:
            return ": ".join((*map(str, first["loc"][1:]), first["msg"]))


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
    type: Literal["subscribed", "reset"] = "subscribed"
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


class Error(Message):
    type: Literal["error"] = "error"
    detail: str


def _now() -> datetime:
    return datetime.now(UTC)


class Chat(Message):
    type: Literal["chat"] = "chat"
    room: Room
    sender: ClientId = Field(alias="from")
    text: Text
    at: datetime = Field(default_factory=_now)


class Notification(Message):
    type: Literal["notification"] = "notification"
    sender: ClientId = Field(alias="from")
    text: Text
    at: datetime = Field(default_factory=_now)


class Delivery(Message):
    """For one client, or for everyone in a room: what one process hands to the others."""

    to: ClientId | None = None
    message: Annotated[Chat | Notification, Field(discriminator="type")]
