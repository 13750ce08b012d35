from app.notes.routes import blueprint as notes
