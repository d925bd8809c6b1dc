import { describe, expect, it } from 'vitest';
import { AppError } from '../errors/app-error.ts';
import { codeOf } from '../testing/code-of.ts';
import { testRandom } from '../testing/random.ts';
import { maxSidecarLine, SidecarChannel, type SidecarEvent } from './sidecar-channel.ts';

const peer = 'A'.repeat(43);

function setUp() {
  const lines: string[] = [];
  const events: SidecarEvent[] = [];
  const channel = new SidecarChannel({
    write: (line) => void lines.push(line),
    onEvent: (event) => void events.push(event),
  });
  return { channel, lines, events };
}

describe('the conversation with the sidecar', () => {
  it('gives each command its answer, in whatever order they come', async () => {
    const { channel, lines } = setUp();
    const first = channel.send('hello', { proto: 1 });
    const second = channel.send('stats');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { id: 1, do: 'hello', proto: 1 },
      { id: 2, do: 'stats' },
    ]);
    channel.take('{"id":2,"ok":true,"conns":7}');
    channel.take('{"id":1,"ok":true,"proto":1}');
    expect(await second).toMatchObject({ conns: 7 });
    expect(await first).toMatchObject({ proto: 1 });
  });

  it('fails a refused command with the sidecar’s words and none of its fields', async () => {
    const { channel } = setUp();
    const refused = channel.send('up', { privateKey: 'secret' });
    channel.take('{"id":1,"error":{"code":"BAD_INPUT","message":"mtu: 576 to 9000"}}');
    await expect(refused).rejects.toMatchObject({
      code: 'TUNNEL_FAILED',
      detail: 'up: BAD_INPUT: mtu: 576 to 9000',
    });
  });

  it('tells whoever waits, and whoever asks later, that the sidecar is gone', async () => {
    const { channel } = setUp();
    const waiting = channel.send('stats');
    channel.close();
    await expect(waiting).rejects.toMatchObject({ code: 'TUNNEL_FAILED' });
    await expect(channel.send('stats')).rejects.toMatchObject({ code: 'TUNNEL_FAILED' });
  });

  it('hands out events, and passes over those that it does not know', () => {
    const { channel, events } = setUp();
    channel.take(`{"event":"presence","peer":"${peer}","present":true}`);
    channel.take('{"event":"weather","is":"fine"}');
    channel.take('{"event":"presence","peer":"short","present":true}');
    expect(events).toEqual([{ event: 'presence', peer, present: true }]);
  });

  it('passes over answers that nobody waits for', () => {
    const { channel } = setUp();
    expect(() => channel.take('{"id":9,"ok":true}')).not.toThrow();
    expect(() => channel.take('{"id":null,"error":{"code":"X","message":"y"}}')).not.toThrow();
  });

  it.each([
    ['not JSON', 'oops', 'PROTOCOL_VIOLATION'],
    ['no answer', '{"ok":true}', 'PROTOCOL_VIOLATION'],
    ['not an object', '3', 'PROTOCOL_VIOLATION'],
    ['too long', `"${'x'.repeat(maxSidecarLine)}"`, 'FRAME_TOO_LARGE'],
  ])('takes no line that is %s', (_, line, code) => {
    expect(codeOf(() => setUp().channel.take(line))).toBe(code);
  });

  it('takes or refuses whatever line comes, and never falls over one', () => {
    const random = testRandom(5);
    const good = `{"event":"knock","from":"${peer}","payload":"AAAA"}`;
    const faults: unknown[] = [];
    for (let turn = 0; turn < 3_000; turn += 1) {
      const bytes = Buffer.from(random.chance(0.7) ? good : '{"id":1,"ok":true,"port":"x"}');
      for (let change = 0; change <= random.int(4); change += 1)
        bytes.writeUInt8(random.int(256), random.int(bytes.length));
      try {
        setUp().channel.take(bytes.toString('utf8'));
      } catch (thrown) {
        if (!(thrown instanceof AppError)) faults.push(thrown);
      }
    }
    expect(faults).toEqual([]);
  });
});
