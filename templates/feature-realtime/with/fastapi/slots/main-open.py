app.state.realtime = Realtime(app.state.database, settings)
