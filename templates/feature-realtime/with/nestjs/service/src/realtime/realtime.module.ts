import { Module } from '@nestjs/common';
import { BusModule } from './bus.module.js';
import { FeedService } from './feed.service.js';
import { HandshakeController } from './handshake.controller.js';
import { HubService } from './hub.service.js';
import { LiveController } from './live.controller.js';
import { NoteEventsController } from './note-events.controller.js';
import { NoteEventsModule } from './note-events.module.js';
import { RealtimeGateway } from './realtime.gateway.js';

@Module({
  imports: [BusModule, NoteEventsModule],
  controllers: [HandshakeController, LiveController, NoteEventsController],
  providers: [FeedService, HubService, RealtimeGateway],
})
export class RealtimeModule {}
