import { generateX25519, x25519PublicText } from '@daam/shared/identity/x25519';
import { describe, expect, it } from 'vitest';
import { FakeAgentDoor } from '../testing/fake-sidecar.ts';
import { Knocker, knockPatience } from './knocker.ts';

/** Time passes when it is waited for; nothing else does. */
function start(door = new FakeAgentDoor()) {
  const deviceKey = generateX25519();
  const own = x25519PublicText(deviceKey);
  const world = { waited: 0, sent: 0, hasRelay: true, heardFrom: door.publicKey };
  const knocker = new Knocker({
    deviceKey,
    clock: { now: () => 1_000 + world.waited },
    send: async (_, payload) => {
      if (!world.hasRelay) return false;
      world.sent += 1;
      const answer = door.answer(own, Buffer.from(payload, 'base64url'));
      if (answer !== null) knocker.take(world.heardFrom, answer.toString('base64url'));
      return true;
    },
    delay: async (ms, signal) => {
      // Far enough in the queue for an answer that is there already to win.
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
      world.waited += ms;
    },
  });
  const request = {
    agentKey: door.publicKey,
    database: 'd',
    certificate: 'a.b.c',
    grant: null,
    candidates: Array.from({ length: 20 }, (_, i) => `192.0.2.${i}:1`),
  };
  const knock = (signal = new AbortController().signal) => knocker.knock(request, signal);
  return { door, world, knocker, knock };
}

describe('a knock', () => {
  it('is answered by the agent it was sealed to', async () => {
    const { door, knock, world } = start();
    expect(await knock()).toMatchObject({ ok: true, agentAddress: '100.64.0.1' });
    expect(world.sent).toBe(1);
    expect(door.knocks[0]?.candidates).toHaveLength(16);
  });

  it('is said again as another one while nobody answers, until patience ends', async () => {
    const { door, knock, world } = start();
    door.mood = 'silent';
    await expect(knock()).rejects.toMatchObject({ code: 'AGENT_UNAVAILABLE' });
    expect(world.waited).toBe(knockPatience.total);
    expect(new Set(door.knocks.map(({ id }) => id)).size).toBe(4);
  });

  it('ends with the agent’s own refusal, without control characters', async () => {
    const { door, knock } = start();
    door.mood = { code: 'REVOKED', message: 'gone\u001b[2J' };
    await expect(knock()).rejects.toMatchObject({ code: 'REVOKED', message: 'gone [2J' });
  });

  it('takes a code that it does not know for a fault', async () => {
    const { door, knock } = start();
    door.mood = { code: 'FROM_THE_FUTURE', message: 'x' };
    await expect(knock()).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('waits for the relay, and says that it was the relay that was missing', async () => {
    const { knock, world } = start();
    world.hasRelay = false;
    await expect(knock()).rejects.toMatchObject({
      code: 'AGENT_UNAVAILABLE',
      message: 'The relay cannot be reached.',
    });
    expect(world.sent).toBe(0);
  });

  it('believes no answer that comes from another key', async () => {
    const { knock, world } = start();
    world.heardFrom = x25519PublicText(generateX25519());
    await expect(knock()).rejects.toMatchObject({ code: 'AGENT_UNAVAILABLE' });
  });

  it('drops what is no answer', () => {
    const { knocker, door } = start();
    for (const payload of ['', 'AAAA', '2wE', Buffer.alloc(20_000, 0xdb).toString('base64url')]) {
      expect(() => knocker.take(door.publicKey, payload)).not.toThrow();
    }
  });

  it('ends when it is called off', async () => {
    const { door, knock } = start();
    door.mood = 'silent';
    await expect(knock(AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
