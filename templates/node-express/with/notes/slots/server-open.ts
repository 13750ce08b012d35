const database = openDatabase(settings);
