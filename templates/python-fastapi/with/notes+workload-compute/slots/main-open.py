app.state.words = WordCounter()
