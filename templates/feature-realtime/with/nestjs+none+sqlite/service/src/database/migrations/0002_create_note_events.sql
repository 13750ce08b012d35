CREATE TABLE note_events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  change TEXT NOT NULL,
  note TEXT NOT NULL -- the row, as JSON
) STRICT;

-- Every change of a note writes an event, whoever makes it.
CREATE TRIGGER notes_created AFTER INSERT ON notes BEGIN
  INSERT INTO note_events (change, note) VALUES ('created', json_object(
    'id', NEW.id, 'title', NEW.title, 'body', NEW.body,
    'created_at', NEW.created_at, 'updated_at', NEW.updated_at
  ));
END;

CREATE TRIGGER notes_updated AFTER UPDATE ON notes BEGIN
  INSERT INTO note_events (change, note) VALUES ('updated', json_object(
    'id', NEW.id, 'title', NEW.title, 'body', NEW.body,
    'created_at', NEW.created_at, 'updated_at', NEW.updated_at
  ));
END;

CREATE TRIGGER notes_deleted AFTER DELETE ON notes BEGIN
  INSERT INTO note_events (change, note) VALUES ('deleted', json_object(
    'id', OLD.id, 'title', OLD.title, 'body', OLD.body,
    'created_at', OLD.created_at, 'updated_at', OLD.updated_at
  ));
END;

-- The newest 10,000 are kept.
CREATE TRIGGER note_events_pruned AFTER INSERT ON note_events BEGIN
  DELETE FROM note_events WHERE id <= NEW.id - 10000;
END;
