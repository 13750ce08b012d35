import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateNoteEvents1795478400001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE "note_events" (
        "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
        "change" text NOT NULL,
        "note" text NOT NULL
      )
    `);
    // Every change of a note writes an event, whoever makes it.
    const triggers = [
      ['created', 'INSERT', 'NEW'],
      ['updated', 'UPDATE', 'NEW'],
      ['deleted', 'DELETE', 'OLD'],
    ];
    for (const [change, operation, row] of triggers) {
      await queryRunner.query(`
        CREATE TRIGGER "notes_${change}" AFTER ${operation} ON "notes" BEGIN
          INSERT INTO "note_events" ("change", "note") VALUES ('${change}', json_object(
            'id', ${row}."id", 'title', ${row}."title", 'body', ${row}."body",
            'created_at', ${row}."created_at", 'updated_at', ${row}."updated_at"
          ));
        END
      `);
    }
    // The newest 10,000 are kept.
    await queryRunner.query(`
      CREATE TRIGGER "note_events_pruned" AFTER INSERT ON "note_events" BEGIN
        DELETE FROM "note_events" WHERE "id" <= NEW."id" - 10000;
      END
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const change of ['created', 'updated', 'deleted']) {
      await queryRunner.query(`DROP TRIGGER "notes_${change}"`);
    }
    await queryRunner.query(`DROP TABLE "note_events"`);
  }
}
