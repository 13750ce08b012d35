"notes.apps.NotesConfig",
