database: Database;
