import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Subscription } from './subscription.ts';

/** Writes the events of a subscription as server-sent events, until either side ends it. */
export async function stream(
  subscription: Subscription,
  response: ServerResponse,
  heartbeat: number,
): Promise<void> {
  const { signal } = subscription;
  if (response.destroyed) subscription.end('left');
  response.once('close', () => subscription.end('left'));
  const beating = setInterval(() => {
    if (!response.writableNeedDrain) response.write(': ping\n\n');
  }, heartbeat);
  try {
    const { start, reset } = subscription;
    response.write(serverSent(start, reset ? 'reset' : 'ready', `{"id":${start}}`));
    for await (const event of subscription) {
      const { id, change, members } = event;
      if (!response.write(serverSent(id, change, `{${members}}`))) {
        await once(response, 'drain', { signal });
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(beating);
    subscription.end('left');
    // Who has not read what there is does not hold up the end.
    if (response.writableNeedDrain) response.destroy();
    else response.end();
  }
}

function serverSent(id: number, event: string, data: string): string {
  return `id: ${id}\nevent: ${event}\ndata: ${data}\n\n`;
}
