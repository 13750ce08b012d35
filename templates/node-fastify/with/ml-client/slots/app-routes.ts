await app.register(predictionRoutes, { prefix: '/api/predictions' });
