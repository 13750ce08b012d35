CREATE TABLE note_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  change text NOT NULL,
  note jsonb NOT NULL -- the row
);

-- Whoever changes notes waits here for whoever did so before, until that is committed: so the ids
-- of events grow in the order of the commits. It comes before any lock on a row: no deadlock.
CREATE FUNCTION lock_note_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('note_events'));
  RETURN NULL;
END
$$;

-- Every change of a note writes an event, whoever makes it, with times in UTC. The newest 10,000
-- are kept.
CREATE FUNCTION record_note_event() RETURNS trigger LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
  event_id bigint;
BEGIN
  INSERT INTO note_events (change, note)
  VALUES (TG_ARGV[0], CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END)
  RETURNING id INTO event_id;
  DELETE FROM note_events WHERE id <= event_id - 10000;
  PERFORM pg_notify('note_events', '');
  RETURN NULL;
END
$$;

CREATE TRIGGER notes_lock BEFORE INSERT OR UPDATE OR DELETE ON notes
  FOR EACH STATEMENT EXECUTE FUNCTION lock_note_events();
CREATE TRIGGER notes_created AFTER INSERT ON notes
  FOR EACH ROW EXECUTE FUNCTION record_note_event('created');
CREATE TRIGGER notes_updated AFTER UPDATE ON notes
  FOR EACH ROW EXECUTE FUNCTION record_note_event('updated');
CREATE TRIGGER notes_deleted AFTER DELETE ON notes
  FOR EACH ROW EXECUTE FUNCTION record_note_event('deleted');
