...notePaths,
