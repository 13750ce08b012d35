"""The pages: they read by `notes.selectors` and write by `notes.services`, as the API."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.views.generic import CreateView, DeleteView, DetailView, ListView, UpdateView

from notes import selectors, services
from notes.forms import NoteForm
from notes.models import Note


class NoteList(ListView[Note]):
    paginate_by = 20

    def get_queryset(self) -> QuerySet[Note]:
        return selectors.newest_first()


class NoteDetail(DetailView[Note]):
    model = Note


class NoteCreate(CreateView[Note, NoteForm]):
    model = Note
    form_class = NoteForm

    def form_valid(self, form: NoteForm) -> HttpResponse:
        note = services.create_note(**form.cleaned_data)
        messages.success(self.request, "The note is saved.")
        return redirect(note)


class NoteUpdate(UpdateView[Note, NoteForm]):
    model = Note
    form_class = NoteForm

    def form_valid(self, form: NoteForm) -> HttpResponse:
        note = services.update_note(self.object.pk, **form.cleaned_data)
        messages.success(self.request, "The note is changed.")
        return redirect(note)


class NoteDelete(DeleteView[Note, NoteForm]):
    model = Note
    success_url = reverse_lazy("notes:list")

    def form_valid(self, form: NoteForm) -> HttpResponseRedirect:
        services.delete_note(self.object.pk)
        messages.success(self.request, "The note is deleted.")
        return HttpResponseRedirect(self.get_success_url())
