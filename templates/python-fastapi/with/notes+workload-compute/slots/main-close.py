app.state.words.close()
