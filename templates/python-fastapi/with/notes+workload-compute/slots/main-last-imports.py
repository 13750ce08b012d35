from app.words.counting import WordCounter
from app.words.routes import router as words_router
