import type { Duplex } from 'node:stream';

/**
 * Joins two streams byte for byte until both directions have ended. A full receiver pauses its sender; the end of one
 * direction is passed on and the other goes on (half-close); a failure of either ends both. Never rejects; resolves
 * when both are closed.
 */
export async function splice(client: Duplex, remote: Duplex): Promise<void> {
  const closed = Promise.all([closeOf(client, remote), closeOf(remote, client)]);
  client.pipe(remote);
  remote.pipe(client);
  await closed;
}

function closeOf(stream: Duplex, other: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      // A stream that is gone before both its directions ended was cut: so is the other.
      if (!stream.readableEnded || !stream.writableFinished) other.destroy();
      resolve();
    };
    stream.on('error', () => stream.destroy());
    if (stream.closed) finish();
    else stream.once('close', finish);
  });
}
