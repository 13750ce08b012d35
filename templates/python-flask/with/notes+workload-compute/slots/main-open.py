app.extensions["words"] = WordCounter()
