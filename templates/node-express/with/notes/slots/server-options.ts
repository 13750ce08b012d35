database,
