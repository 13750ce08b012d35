"""The notes API."""

from typing import NoReturn

from flask import Blueprint, abort, url_for
from pydantic import BaseModel

from app.api import endpoint
from app.db import get_db
from app.notes import store
from app.notes.schemas import NoteCreate, NoteId, NotePage, NotePublic, NoteUpdate, PageQuery

blueprint = Blueprint("notes", __name__, url_prefix="/api/notes")


class NotePath(BaseModel):
    id: NoteId


@blueprint.get("")
@endpoint(NotePage, errors=(503,))
def list_notes(query: PageQuery) -> NotePage:
    return store.page(get_db(), after=query.after, limit=query.limit)


@blueprint.post("")
@endpoint(NotePublic, status=201, errors=(503,))
def create_note(body: NoteCreate) -> tuple[NotePublic, dict[str, str]]:
    note = store.create(get_db(), body)
    return note, {"Location": url_for(".read_note", id=note.id)}


@blueprint.get("/<id>")
@endpoint(NotePublic, errors=(404, 503))
def read_note(path: NotePath) -> NotePublic:
    return store.get(get_db(), path.id) or no_such_note()


@blueprint.patch("/<id>")
@endpoint(NotePublic, errors=(404, 503))
def update_note(path: NotePath, body: NoteUpdate) -> NotePublic:
    return store.update(get_db(), path.id, body) or no_such_note()


@blueprint.delete("/<id>")
@endpoint(status=204, errors=(404, 503))
def delete_note(path: NotePath) -> None:
    if not store.delete(get_db(), path.id):
        no_such_note()


def no_such_note() -> NoReturn:
    abort(404, "There is no note with this id.")
