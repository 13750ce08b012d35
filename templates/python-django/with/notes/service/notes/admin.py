"""Notes in the admin, which writes by `notes.services` as everybody does."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from notes import services
from notes.forms import NoteForm
from notes.models import Note


@admin.register(Note)
class NoteAdmin(admin.ModelAdmin[Note]):
    form = NoteForm
    fields = ["title", "body", "created_at", "updated_at"]
    readonly_fields = ["created_at", "updated_at"]
    list_display = ["title", "created_at", "updated_at"]
    list_filter = ["created_at"]
    search_fields = ["title", "body"]

    def save_model(
        self,
        request: HttpRequest,
        obj: Note,
        form: NoteForm,
        change: bool,  # noqa: FBT001  # Django's own
    ) -> None:
        if change:
            services.update_note(obj.pk, **form.cleaned_data)
        else:
            obj.pk = services.create_note(**form.cleaned_data).pk

    def delete_model(self, request: HttpRequest, obj: Note) -> None:
        services.delete_note(obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Note]) -> None:
        for note in queryset:
            services.delete_note(note.pk)
