await app.register(trace);
await app.register(ml, settings);
