/**
 * A program for one host of a test network: `address:port=socket` listens on a TCP port there and leads to a Unix socket,
 * which a file system shares with every network. What is in the way of the test goes around the network like this: the
 * control plane, and the database beside the agent.
 */
import { connect, createServer } from 'node:net';

for (const rule of process.argv.slice(2)) {
  const [listen = '', path = ''] = rule.split('=');
  const [host, port] = listen.split(':');
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const other = connect({ path, allowHalfOpen: true });
    socket.pipe(other).pipe(socket);
    for (const [end, twin] of [
      [socket, other],
      [other, socket],
    ] as const) {
      end.on('error', () => twin.destroy());
      end.on('close', () => twin.destroy());
    }
  });
  server.listen({ host, port: Number(port) }, () => process.stdout.write(`${listen}\n`));
}
process.stdin.resume();
process.stdin.once('end', () => process.exit(0));
