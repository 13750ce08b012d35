app.register_blueprint(predictions.blueprint)
