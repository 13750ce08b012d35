import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateNotes1795478400000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // AUTOINCREMENT: the id of a deleted note is never given to another.
    await queryRunner.query(`
      CREATE TABLE "notes" (
        "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
        "title" text NOT NULL,
        "body" text NOT NULL,
        "created_at" integer NOT NULL,
        "updated_at" integer NOT NULL
      )
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "notes"`);
  }
}
