from app.notes.routes import router as notes_router
