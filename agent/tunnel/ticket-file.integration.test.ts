import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RelayTicket } from '@daam/shared/api/schemas';
import { generateX25519 } from '@daam/shared/identity/x25519';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TicketFile } from './ticket-file.ts';

const now = Date.UTC(2030, 0, 1);
const ticket: RelayTicket = {
  name: 'relay',
  url: 'wss://relay.example.com/relay/v1',
  stun: ['relay.example.com:3478'],
  token: 'a.b.c',
  expiresAt: new Date(now + 60_000).toISOString(),
};
const agentKey = generateX25519();
let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daam-ticket-'));
  path = join(folder, 'ticket');
});
afterEach(async () => await rm(folder, { recursive: true, force: true }));

describe('the kept ticket of the relay', () => {
  it('is there at the next start until it ends, for the agent alone', async () => {
    const file = new TicketFile({ path, agentKey });
    expect(await file.read(now)).toBeNull();
    await file.write(ticket);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await new TicketFile({ path, agentKey }).read(now)).toEqual(ticket);
    expect(await file.read(now + 60_000)).toBeNull();
  });

  it('is none when somebody else wrote it, or it is damaged', async () => {
    const file = new TicketFile({ path, agentKey });
    await new TicketFile({ path, agentKey: generateX25519() }).write(ticket);
    expect(await file.read(now)).toBeNull();
    await file.write(ticket);
    await writeFile(path, (await readFile(path, 'utf8')).replace('relay.example.com', 'other.example.com'));
    expect(await file.read(now)).toBeNull();
  });
});
