...wordPaths,
