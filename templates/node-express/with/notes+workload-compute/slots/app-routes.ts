app.use(wordRouter(new NoteStore(options.database)));
