app.use(trace);
