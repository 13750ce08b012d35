await app.register(noteRoutes, { prefix: '/api/notes' });
