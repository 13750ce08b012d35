"""The notes API. What a view does stands in `notes.services` and `notes.selectors`."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Path, Router, Status

from config.problems import responses
from config.strict import strict
from notes import selectors, services
from notes.schemas import After, Limit, NoteCreate, NoteId, NotePage, NotePublic, NoteUpdate

router = Router(tags=["notes"], by_alias=True)
router.add_decorator(strict, mode="view")

IdPath = Annotated[NoteId, Path(..., alias="id")]


@router.get("", response={200: NotePage, **responses(422, 503)})
def list_notes(request: HttpRequest, limit: Limit = 20, after: After = 0) -> NotePage:
    notes, following = selectors.page(after=after, limit=limit)
    return NotePage(items=[NotePublic.model_validate(note) for note in notes], next=following)


@router.post("", response={201: NotePublic, **responses(400, 413, 415, 422, 503)})
def create_note(
    request: HttpRequest, new: NoteCreate, response: HttpResponse
) -> Status[NotePublic]:
    note = services.create_note(title=new.title, body=new.body)
    response["Location"] = reverse("ninja:read_note", kwargs={"id": note.pk})
    return Status(201, NotePublic.model_validate(note))


@router.get("/{id}", url_name="read_note", response={200: NotePublic, **responses(404, 422, 503)})
def read_note(request: HttpRequest, note_id: IdPath) -> NotePublic:
    return NotePublic.model_validate(selectors.get_note(note_id))


@router.patch("/{id}", response={200: NotePublic, **responses(400, 404, 413, 415, 422, 503)})
def update_note(request: HttpRequest, note_id: IdPath, change: NoteUpdate) -> NotePublic:
    note = services.update_note(note_id, **change.model_dump(exclude_unset=True))
    return NotePublic.model_validate(note)


@router.delete("/{id}", response={204: None, **responses(404, 422, 503)})
def delete_note(request: HttpRequest, note_id: IdPath) -> Status[None]:
    services.delete_note(note_id)
    return Status(204, None)
