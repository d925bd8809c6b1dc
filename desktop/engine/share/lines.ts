import type { Socket } from 'node:net';
import { maxLineBytes } from './messages.ts';

/** Hands on each line of a socket; one that is too long ends it. */
export function readLines(socket: Socket, onLine: (line: string) => void): void {
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: string) => {
    rest += chunk;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      const line = rest.slice(0, end);
      rest = rest.slice(end + 1);
      if (line.length <= maxLineBytes) onLine(line);
      else socket.destroy();
    }
    if (rest.length > maxLineBytes) socket.destroy();
  });
}
