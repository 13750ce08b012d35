app.include_router(words_router)
