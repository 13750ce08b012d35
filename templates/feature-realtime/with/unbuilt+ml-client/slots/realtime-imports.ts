import type { Spoken } from './messages.ts';
