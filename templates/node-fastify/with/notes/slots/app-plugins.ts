await app.register(database, settings);
await app.register(noteRoutes, { prefix: '/api/notes' });
