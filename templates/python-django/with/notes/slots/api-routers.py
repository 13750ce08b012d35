api.add_router("/api/notes", notes_router)
