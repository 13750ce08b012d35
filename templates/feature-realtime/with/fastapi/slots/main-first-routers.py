app.include_router(realtime_router)  # before /api/notes/{id}
