announce(app.ml, app.realtime, logger);
