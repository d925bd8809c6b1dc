import { Readable, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type CommandContext, UsageError } from '../command.ts';
import { policyCommand } from './policy.ts';

/** A context in which nobody can be asked. */
function contextOf(positionals: readonly string[], values: Record<string, string | boolean>): CommandContext {
  const stdout = new Writable({ write: (_chunk, _encoding, done) => done() });
  return {
    positionals,
    values,
    rest: [],
    json: false,
    stdin: Readable.from([]),
    stdout,
    stderr: stdout,
    onSignal: () => () => {},
    engine: { api: () => Promise.reject(new TypeError('asked')) },
    config: {},
  } as unknown as CommandContext;
}

describe('daam policy', () => {
  it.each([
    [['frobnicate'], {}],
    [['export'], {}],
    [['export', 'a', 'b'], {}],
    [['apply'], {}],
    [['diff', 'shop'], {}],
    [['apply'], { file: '/dev/null', statements: '7' }],
    [['restore', 'shop', 'latest'], {}],
    [['why', 'shop'], {}],
  ])('%j with %j is wrong usage', async (positionals, values) => {
    await expect(policyCommand.run(contextOf(positionals, values))).rejects.toBeInstanceOf(UsageError);
  });

  it('reads a document from standard input, and names what is wrong with it', async () => {
    const context = contextOf(['apply'], { file: '-' });
    const wrong = { ...context, stdin: Readable.from([Buffer.from('database: shop\npolicies: 7\n')]) };
    await expect(policyCommand.run(wrong)).rejects.toMatchObject({
      code: 'INVALID_POLICY',
      field: 'policies',
    });
    const other = { ...context, positionals: ['apply', 'payroll'] };
    const named = { ...other, stdin: Readable.from([Buffer.from('database: shop\npolicies: []\n')]) };
    await expect(policyCommand.run(named)).rejects.toMatchObject({ field: 'database' });
  });

  it('cannot read a file that is not there', async () => {
    const context = contextOf(['diff'], { file: '/nonexistent/policy.yaml' });
    await expect(policyCommand.run(context)).rejects.toMatchObject({ code: 'INVALID_INPUT', field: 'file' });
  });
});
