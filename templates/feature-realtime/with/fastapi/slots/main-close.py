await app.state.realtime.close()
