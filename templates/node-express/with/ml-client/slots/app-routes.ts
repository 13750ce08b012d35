app.use(predictionRouter(options.ml));
