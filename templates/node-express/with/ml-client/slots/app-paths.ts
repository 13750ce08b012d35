...predictionPaths,
