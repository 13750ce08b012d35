import { Module } from '@nestjs/common';
import { Database } from './database.js';
import { PrismaService } from './prisma.service.js';

@Module({ providers: [Database, PrismaService], exports: [Database] })
export class DatabaseModule {}
