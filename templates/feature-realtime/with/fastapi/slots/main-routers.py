app.include_router(realtime_pages)
