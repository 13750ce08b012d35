import {
  Controller,
  ForbiddenException,
  Get,
  HttpException,
  Inject,
  Req,
  Res,
} from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { SETTINGS, type Settings } from '../config/settings.js';
import { isAllowedOrigin } from './origin.js';
import { RealtimeGateway } from './realtime.gateway.js';
import { handshakeOf } from './upgrade.js';

/** Lets WebSockets in. */
@ApiExcludeController()
@Controller('ws')
export class HandshakeController {
  constructor(
    private readonly gateway: RealtimeGateway,
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'CORS_ORIGINS'>,
  ) {}

  @Get()
  async accept(@Req() request: Request, @Res() response: Response): Promise<void> {
    const upgrade = handshakeOf(request);
    if (upgrade === undefined) {
      response.set({ Upgrade: 'websocket', Connection: 'Upgrade' });
      throw new HttpException('Only WebSockets are spoken here', 426);
    }
    if (!isAllowedOrigin(request.headers, this.settings.CORS_ORIGINS)) {
      throw new ForbiddenException('Pages of this origin are not let in');
    }
    await this.gateway.accept(request, upgrade);
    // For the log; the answer itself is out.
    response.statusCode = 101;
  }
}
