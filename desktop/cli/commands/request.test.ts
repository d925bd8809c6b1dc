import { Readable, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type CommandContext, UsageError } from '../command.ts';
import { requestCommand } from './request.ts';

/** A context in which nobody can be asked. */
function contextOf(positionals: readonly string[], values: Record<string, string | boolean>): CommandContext {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const engine = { api: () => Promise.reject(new TypeError('asked')) };
  const io = { stdin: Readable.from([]), stdout: nowhere, stderr: nowhere, onSignal: () => () => {} };
  return {
    positionals,
    values,
    rest: [],
    json: false,
    config: {},
    engine,
    ...io,
  } as unknown as CommandContext;
}

const tables = 'public.payments';

describe('daam request', () => {
  it.each([
    [['frobnicate'], {}, 'frobnicate'],
    [['frobnicate', '94569ca0'], {}, 'frobnicate'],
    [['new'], {}, '<database>'],
    [['approve'], {}, '<request>'],
    [['show'], {}, '<request>'],
    [['new', 'shop'], { reason: 'a reason of some length' }, '--tables'],
    [['new', 'shop'], { tables }, '--reason'],
    [['new', 'shop'], { tables, reason: 'too short' }, '--reason'],
    [['new', 'shop'], { tables, reason: ' padded    ' }, '--reason'],
    [['list'], { inbox: true, all: true }, '--inbox'],
  ])('%j with %j is wrong usage, named before anybody is asked', async (positionals, values, named) => {
    const failure = await requestCommand
      .run(contextOf(positionals, values))
      .catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(UsageError);
    expect(String(failure)).toContain(named);
  });

  it('asks the control plane once everything is said', async () => {
    const complete = contextOf(['new', 'shop'], { tables, reason: 'Refund 1207' });
    await expect(requestCommand.run(complete)).rejects.toThrow('asked');
  });
});
