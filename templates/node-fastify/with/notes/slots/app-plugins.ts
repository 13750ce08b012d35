await app.register(database, settings);
