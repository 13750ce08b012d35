from app.predictions.routes import Predictions
from app.predictions.routes import router as predictions_router
