await app.register(realtimeRoutes, settings);
