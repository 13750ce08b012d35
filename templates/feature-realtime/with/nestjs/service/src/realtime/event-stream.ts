import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import type { Subscription } from './subscription.js';

interface EventStreamOptions {
  /** Milliseconds between signs of life. */
  heartbeat: number;
  /** Called with an error that ended the stream. */
  onError: (error: unknown) => void;
}

/** The events of a subscription as server-sent events, as fast as they are read. */
export function eventStream(subscription: Subscription, options: EventStreamOptions): Readable {
  const stream = new PassThrough();
  stream.once('close', () => subscription.end('left'));
  void write(subscription, stream, options);
  return stream;
}

async function write(
  subscription: Subscription,
  stream: PassThrough,
  { heartbeat, onError }: EventStreamOptions,
): Promise<void> {
  const { signal, start, reset } = subscription;
  const beating = setInterval(() => {
    if (!stream.writableNeedDrain) stream.write(': ping\n\n');
  }, heartbeat);
  try {
    stream.write(serverSent(start, reset ? 'reset' : 'ready', `{"id":${start}}`));
    for await (const { id, change, members } of subscription) {
      if (!stream.write(serverSent(id, change, `{${members}}`))) {
        await once(stream, 'drain', { signal });
      }
    }
  } catch (error) {
    if (!signal.aborted) onError(error);
  } finally {
    clearInterval(beating);
    subscription.end('left');
    stream.end();
  }
}

function serverSent(id: number, event: string, data: string): string {
  return `id: ${id}\nevent: ${event}\ndata: ${data}\n\n`;
}
