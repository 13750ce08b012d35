app.use(realtimeRouter(options.realtime, options.settings));
