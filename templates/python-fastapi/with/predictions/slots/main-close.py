app.state.predictions.runner.close()
