"""The pages: they read and write, escape what people write, and need no JavaScript."""

import re

import pytest
from django.test import Client

from notes import services, views
from notes.models import Note

pytestmark = pytest.mark.django_db


def write(title: str = "a title", body: str = "") -> Note:
    return services.create_note(title=title, body=body)


def test_an_empty_list_leads_on(browser: Client) -> None:
    page = browser.get("/notes/")
    assert page.status_code == 200
    assert "There are no notes yet." in page.text
    assert 'href="/notes/new/"' in page.text


def test_the_list_shows_the_newest_first_in_pages(browser: Client) -> None:
    for number in range(45):
        write(title=f"note {number:02}")
    seen: list[str] = []
    path, pages = "/notes/", 0
    while path:
        text = browser.get(path).text
        seen += re.findall(r">(note \d\d)<", text)
        pages += 1
        assert f"Page {pages} of 3" in text
        older = re.search(r'rel="next" href="([^"]+)"', text)
        path = f"/notes/{older[1]}" if older else ""
    assert seen == [f"note {number:02}" for number in reversed(range(45))]
    assert 'rel="prev" href="?page=2"' in text


@pytest.mark.parametrize("page", ["0", "2", "x", "9" * 400])
def test_pages_that_are_not_there(browser: Client, page: str) -> None:
    response = browser.get("/notes/", {"page": page})
    assert response.status_code == 404
    assert "<h1>Not Found</h1>" in response.text


@pytest.mark.parametrize("path", ["1/", "1/edit/", "1/delete/", f"{2**64}/", "9" * 5000 + "/", "x"])
def test_notes_that_are_not_there(browser: Client, path: str) -> None:
    response = browser.get(f"/notes/{path}")
    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")


def test_what_people_write_is_text(browser: Client) -> None:
    note = write(title="<script>alert(1)</script>", body="<img src=x onerror=alert(1)>\n&amp;")
    for path in ("/notes/", *(f"/notes/{note.pk}/{part}" for part in ("", "edit/", "delete/"))):
        text = browser.get(path).text
        assert "<script" not in text
        assert "<img" not in text
        assert "&lt;script&gt;" in text
    assert "&amp;amp;" in browser.get(f"/notes/{note.pk}/").text


def test_write_a_note(browser: Client) -> None:
    form = browser.get("/notes/new/").text
    assert '<label for="id_title">' in form
    assert '<label for="id_body">' in form
    page = browser.post("/notes/new/", {"title": "Milk", "body": "two\r\nlitres"}, follow=True)
    (note,) = Note.objects.all()
    assert (note.title, note.body) == ("Milk", "two\nlitres")
    assert page.redirect_chain == [(f"/notes/{note.pk}/", 302)]
    assert '<p class="message" role="status">The note is saved.</p>' in page.text
    assert "<h1>Milk</h1>" in page.text


@pytest.mark.parametrize(
    "fields", [{"title": ""}, {"title": "x" * 201}, {"title": "x", "body": "x" * 100_001}, {}]
)
def test_a_form_says_what_does_not_fit(browser: Client, fields: dict[str, str]) -> None:
    page = browser.post("/notes/new/", fields)
    assert page.status_code == 200
    assert "<title>Error: New note</title>" in page.text
    assert 'role="alert"' in page.text
    (described_by,) = re.findall(r'aria-invalid="true"[^>]* aria-describedby="(\w+)"', page.text)
    assert f'id="{described_by}"' in page.text
    assert not Note.objects.exists()


def test_change_a_note(browser: Client) -> None:
    note = write(title="old", body="kept\n")
    path = f"/notes/{note.pk}/edit/"
    assert 'value="old"' in browser.get(path).text
    page = browser.post(path, {"title": "new", "body": "kept\r\n"}, follow=True)
    assert page.redirect_chain == [(f"/notes/{note.pk}/", 302)]
    changed = Note.objects.get()
    assert changed.title == "new"
    assert changed.created_at == note.created_at
    assert changed.updated_at > note.updated_at
    assert browser.post(path, {"title": ""}).status_code == 200
    assert Note.objects.get().title == "new"


def test_delete_a_note(browser: Client) -> None:
    note = write(title="short life")
    path = f"/notes/{note.pk}/delete/"
    assert "short life" in browser.get(path).text
    assert Note.objects.exists(), "a GET deletes nothing"
    page = browser.post(path, follow=True)
    assert page.redirect_chain == [("/notes/", 302)]
    assert "The note is deleted." in page.text
    assert not Note.objects.exists()


def test_a_note_that_goes_while_its_form_is_sent(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = write()
    services.delete_note(note.pk)
    for view, path in ((views.NoteUpdate, "edit"), (views.NoteDelete, "delete")):
        monkeypatch.setattr(view, "get_object", lambda _: note)
        response = browser.post(f"/notes/{note.pk}/{path}/", {"title": "late"})
        assert response.status_code == 404
        assert "<h1>Not Found</h1>" in response.text


def test_forms_of_other_sites_are_refused() -> None:
    note = write()
    browser = Client(enforce_csrf_checks=True, headers={"accept": "text/html"})
    for path in ("new/", f"{note.pk}/edit/", f"{note.pk}/delete/"):
        response = browser.post(f"/notes/{path}", {"title": "forged"})
        assert response.status_code == 403
        assert "<h1>Forbidden</h1>" in response.text
    assert [note.title for note in Note.objects.all()] == ["a title"]
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get("/notes/new/").text)
    assert token
    form = {"title": "meant", "csrfmiddlewaretoken": token[1]}
    assert browser.post("/notes/new/", form).status_code == 302


def test_pages_stand_under_their_policy(browser: Client) -> None:
    note = write()
    for path in ("/notes/", "/notes/new/", f"/notes/{note.pk}/", "/nope"):
        text = browser.get(path).text
        assert '<html lang="en">' in text
        assert len(re.findall("<h1>", text)) == 1
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", text)
        (sheet,) = re.findall(r'<link rel="stylesheet" href="(/static/[^"]+)"', text)
        style = browser.get(sheet)
        assert style.status_code == 200
        assert "immutable" in style["Cache-Control"]
        assert style.getvalue()
