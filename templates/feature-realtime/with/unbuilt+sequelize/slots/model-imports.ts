import { defineNoteEvents } from '../realtime/note-event.model.ts';
