import { silentLogger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import type { DatabaseSchema } from '@daam/shared/sql/database-schema';
import { expect, it } from 'vitest';
import { SchemaUpload } from './schema-upload.ts';

const schema: DatabaseSchema = {
  database: 'shop',
  major: 18,
  scope: null,
  searchPath: [],
  tables: [],
  system: [],
  omitted: 0,
};

function uploadTo(answers: readonly Response[]) {
  const sent: DatabaseSchema[] = [];
  const stop = new AbortController();
  const upload = new SchemaUpload({
    url: 'http://control-plane.example',
    credential: () => new Secret('daam_agt_long'),
    fetch: (_url, init) => {
      sent.push(JSON.parse(typeof init?.body === 'string' ? init.body : '') as DatabaseSchema);
      return Promise.resolve(answers[sent.length - 1] ?? Response.json({ version: 1, isNew: true }));
    },
    signal: stop.signal,
    logger: silentLogger,
    againMs: 5,
  });
  return { upload, sent, stop };
}

function refused(status: number, code: string): Response {
  return Response.json({ error: { code, message: 'No.', requestId: 'r' } }, { status });
}

it('sends the newest report again when one came too early, and not when one was refused', async () => {
  const { upload, sent } = uploadTo([refused(429, 'RATE_LIMITED'), refused(400, 'INVALID_INPUT')]);
  upload.take(schema);
  upload.wanted();
  await upload.settled();
  upload.take({ ...schema, omitted: 3 });
  await expect.poll(() => sent.map(({ omitted }) => omitted)).toEqual([0, 3]);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(sent).toHaveLength(2);
});

it('sends nothing more when the agent has ended meanwhile', async () => {
  const { upload, sent, stop } = uploadTo([refused(429, 'RATE_LIMITED')]);
  upload.take(schema);
  upload.wanted();
  await upload.settled();
  stop.abort();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(sent).toHaveLength(1);
});
