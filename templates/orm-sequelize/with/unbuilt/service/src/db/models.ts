import type { Sequelize } from 'sequelize';
import { defineNotes } from '../notes/note.model.ts';

/** Every model of the service. What links one to another is said here too. */
export const defineModels = (sequelize: Sequelize) => ({
  notes: defineNotes(sequelize),
});

export type Models = ReturnType<typeof defineModels>;
