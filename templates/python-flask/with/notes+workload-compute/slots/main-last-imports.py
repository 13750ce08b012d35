from app.words.counting import WordCounter
from app.words.routes import blueprint as words
