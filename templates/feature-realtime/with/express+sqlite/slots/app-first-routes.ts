// With SQLite nothing else tells the reader of the events that there may be a new one.
app.use((req, res, next) => {
  if (req.method !== 'GET') res.once('finish', () => options.realtime.feed.wake());
  next();
});
