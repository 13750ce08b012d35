api.add_router("", predictions_router)
