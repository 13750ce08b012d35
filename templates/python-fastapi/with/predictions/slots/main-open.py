app.state.predictions = Predictions(app, settings)
