import {
  Controller,
  Get,
  Header,
  HttpException,
  Inject,
  Logger,
  Query,
  Res,
  StreamableFile,
} from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type * as z from 'zod';
import { SETTINGS, type Settings } from '../config/settings.js';
import { ApiProblems } from '../docs/openapi.js';
import { noQuerySchema } from '../notes/note.js';
import { eventStream } from './event-stream.js';
import { FeedService } from './feed.service.js';
import { LastEventId } from './last-event-id.decorator.js';

/**
 * A stream of its own in place of `@Sse()`, which takes events as fast as they come: of those
 * that a client has missed it would hold all that does not go out at once.
 */
@ApiTags('notes')
@Controller('api/notes/events')
export class NoteEventsController {
  private readonly logger = new Logger(NoteEventsController.name);

  constructor(
    private readonly feed: FeedService,
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'HEARTBEAT_SECONDS'>,
  ) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  @Header('X-Accel-Buffering', 'no')
  @ApiOperation({ summary: 'Watch the changes of notes' })
  @ApiHeader({
    name: 'Last-Event-ID',
    description: 'The event after which to go on.',
    required: false,
    schema: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  })
  @ApiOkResponse({
    description: 'Server-sent events, without an end.',
    content: { 'text/event-stream': { schema: { type: 'string' } } },
  })
  @ApiProblems(422, 503)
  async streamEvents(
    @Query({ schema: noQuerySchema }) _query: z.output<typeof noQuerySchema>,
    @LastEventId() lastEventId: number | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const subscription = await this.feed.subscribe(lastEventId);
    const stream = eventStream(subscription, {
      heartbeat: this.settings.HEARTBEAT_SECONDS * 1_000,
      onError: (error) => this.report(error),
    });
    subscription.signal.addEventListener('abort', () => {
      // Whoever does not read what there is must not hold up the end.
      if (response.writableNeedDrain) response.destroy();
    });
    return new StreamableFile(stream, { type: 'text/event-stream' });
  }

  private report(error: unknown): void {
    // A database that is away is told by the reader of the events.
    if (error instanceof HttpException) return;
    this.logger.error({ msg: 'stream failed', err: error });
  }
}
