app.include_router(notes_router)
