import { notePaths, noteRouter } from './notes/router.ts';
import { NoteStore } from './notes/store.ts';
