import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import type { Request } from 'express';
import { type Observable, tap } from 'rxjs';
import { BusService } from './bus.service.js';

/** With SQLite nothing else tells at once that a request has changed something. */
@Injectable()
export class WakeInterceptor implements NestInterceptor {
  constructor(private readonly bus: BusService) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const { method } = context.switchToHttp().getRequest<Request>();
    if (method === 'GET') return next.handle();
    return next.handle().pipe(tap(() => this.bus.changed.next()));
  }
}
