noteEvents: defineNoteEvents(sequelize),
