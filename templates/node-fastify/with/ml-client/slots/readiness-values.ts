ml: app.ml.state,
