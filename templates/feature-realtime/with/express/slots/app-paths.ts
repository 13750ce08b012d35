...realtimePaths,
