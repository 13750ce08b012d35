await database.close();
