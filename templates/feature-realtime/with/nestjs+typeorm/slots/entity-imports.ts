import { NoteEventEntity } from '../realtime/note-event.entity.js';
