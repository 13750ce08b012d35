from app.predictions import routes as predictions
