from django import forms

from notes.models import Note


class NoteForm(forms.ModelForm[Note]):
    class Meta:
        model = Note
        fields = ["title", "body"]
        widgets = {"body": forms.Textarea(attrs={"rows": 10})}

    def clean_body(self) -> str:
        """Browsers send the end of a line as two characters."""
        body: str = self.cleaned_data["body"]
        return body.replace("\r\n", "\n")
