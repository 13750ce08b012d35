app.use(noteRouter(new NoteStore(options.database)));
