import { NotFoundException } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Note } from './note.js';
import { NotesRepository } from './notes.repository.js';
import { NotesService } from './notes.service.js';

const noteOf = (id: number): Note => {
  const time = '2026-01-01T00:00:00.000Z';
  return { id, title: `Note ${id}`, body: '', createdAt: time, updatedAt: time };
};

describe('NotesService', () => {
  const repository = {
    list: vi.fn<NotesRepository['list']>(),
    get: vi.fn<NotesRepository['get']>(),
    create: vi.fn<NotesRepository['create']>(),
    update: vi.fn<NotesRepository['update']>(),
    remove: vi.fn<NotesRepository['remove']>(),
  };
  let service: NotesService;

  beforeEach(async () => {
    vi.resetAllMocks();
    const module = await Test.createTestingModule({
      providers: [NotesService, { provide: NotesRepository, useValue: repository }],
    }).compile();
    service = module.get(NotesService);
  });

  test('asks for one note more than a page holds, and says where the next page begins', async () => {
    repository.list.mockResolvedValue([noteOf(4), noteOf(5), noteOf(6)]);
    const page = await service.list({ limit: 2, after: 3 });
    expect(repository.list).toHaveBeenCalledWith({ limit: 3, after: 3 });
    expect(page).toEqual({ items: [noteOf(4), noteOf(5)], next: 5 });
  });

  test('says that a page is the last one', async () => {
    repository.list.mockResolvedValue([noteOf(4), noteOf(5)]);
    expect(await service.list({ limit: 2, after: 3 })).toEqual({
      items: [noteOf(4), noteOf(5)],
      next: null,
    });
  });

  test('gives what the repository has', async () => {
    const note = noteOf(1);
    const changes = { title: 'New' };
    repository.create.mockResolvedValue(note);
    repository.get.mockResolvedValue(note);
    repository.update.mockResolvedValue(note);
    expect(await service.create({ title: 'Note 1', body: '' })).toBe(note);
    expect(await service.get(1)).toBe(note);
    expect(await service.update(1, changes)).toBe(note);
    expect(repository.update).toHaveBeenCalledWith(1, changes);
  });

  test('throws when there is no such note', async () => {
    repository.remove.mockResolvedValue(false);
    await expect(service.get(1)).rejects.toThrow(NotFoundException);
    await expect(service.update(1, {})).rejects.toThrow(NotFoundException);
    await expect(service.remove(1)).rejects.toThrow(NotFoundException);
  });

  test('removes a note', async () => {
    repository.remove.mockResolvedValue(true);
    await service.remove(1);
    expect(repository.remove).toHaveBeenCalledWith(1);
  });
});
