import { noteEventEntity } from '../realtime/note-event.entity.ts';
