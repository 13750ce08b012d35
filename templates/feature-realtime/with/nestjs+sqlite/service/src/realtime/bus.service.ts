import { Injectable } from '@nestjs/common';
import { Subject } from 'rxjs';
import type { Spoken } from './messages.js';

/** What this process says to itself: with SQLite no other one serves. */
@Injectable()
export class BusService {
  /** There may be new events. */
  readonly changed = new Subject<void>();
  readonly spoken = new Subject<Spoken>();

  /** There is nobody else to listen to. */
  async start(): Promise<void> {}

  async publish(message: Spoken): Promise<void> {
    this.spoken.next(message);
  }
}
