import { NoteEventModel } from '../realtime/note-event.model.js';
