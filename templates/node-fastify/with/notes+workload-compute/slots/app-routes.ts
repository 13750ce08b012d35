await app.register(wordRoutes, { prefix: '/api/notes' });
