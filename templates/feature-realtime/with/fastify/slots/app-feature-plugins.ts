await app.register(realtime, settings);
