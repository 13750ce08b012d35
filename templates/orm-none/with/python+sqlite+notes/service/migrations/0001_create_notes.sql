CREATE TABLE notes (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- no id is given out twice
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at TEXT NOT NULL, -- ISO 8601, UTC
    updated_at TEXT NOT NULL
) STRICT;
