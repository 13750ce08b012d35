from predictions.api import router as predictions_router
