from notes.api import router as notes_router
