import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { findPortHolder, listeningInodes } from './port-holder.ts';

const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4242 1 0 100 0 0 10 0
   1: 0100007F:1538 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 4343 1 0 20 4 30 10 -1
   2: 00000000:1539 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4444 1 0 100 0 0 10 0
`;

it('takes those that listen on the port, not those that are connected to it', () => {
  expect(listeningInodes(table, 5_432)).toEqual(['4242']);
  expect(listeningInodes(table, 5_433)).toEqual(['4444']);
  expect(listeningInodes('nonsense\n\n:1538 0A', 5_432)).toEqual([]);
});

it.skipIf(process.platform !== 'linux')(
  'names this very process for a port of its own, and nobody for a free one',
  async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await findPortHolder(port)).toMatchObject({
      pid: process.pid,
      program: expect.stringMatching(/./),
    });
    await new Promise((resolve) => server.close(resolve));
    expect(await findPortHolder(port)).toBeNull();
    expect(await findPortHolder(port, '/nowhere')).toBeNull();
  },
);
