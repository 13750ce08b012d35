app.use('/api/notes', noteRouter(new NoteStore(options.database)));
