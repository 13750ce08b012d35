predictions.init_app(app, settings)
