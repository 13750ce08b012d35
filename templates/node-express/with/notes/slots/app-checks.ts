database: () => options.database.ping(),
