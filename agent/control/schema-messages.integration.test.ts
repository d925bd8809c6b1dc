import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@daam/shared/base/logger';
import { Secret } from '@daam/shared/base/secret';
import { signBundle } from '@daam/shared/identity/bundle';
import { generateSigningKey } from '@daam/shared/identity/keys';
import type { DatabaseSchema } from '@daam/shared/sql/database-schema';
import { sampleAudience, sampleBundle, sampleNow } from '@daam/shared/testing/identity-samples';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ControlLink } from './control-link.ts';
import { FakeControlPlane } from './testing/fake-control-plane.ts';

const key = generateSigningKey();
const hash = 'a'.repeat(64);
const schema: DatabaseSchema = {
  database: 'shop',
  major: 18,
  scope: null,
  searchPath: ['public'],
  tables: [],
  system: [],
  omitted: 0,
};
let folder: string;
let plane: FakeControlPlane;
let link: ControlLink;
let asked = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daam-schema-messages-'));
  plane = new FakeControlPlane({
    key,
    token: 'daam_reg_one',
    credential: 'daam_agt_long',
    identity: {
      agentId: sampleAudience.agent,
      database: { id: sampleAudience.database, name: 'shop' },
      org: { id: sampleAudience.org, name: 'Example' },
    },
  });
  plane.bundle = await signBundle(sampleBundle(key, { epoch: 1 }), key);
  await plane.start();
  link = await ControlLink.start({
    config: {
      url: plane.url,
      authToken: new Secret('daam_reg_one'),
      credentialPath: join(folder, 'credential.json'),
      policyCachePath: join(folder, 'bundle.json'),
    },
    version: '0.1.0',
    listen: () => null,
    logger: silentLogger,
    clock: { now: () => sampleNow },
    onIntrospect: () => {
      asked += 1;
    },
    backOff: { minMs: 1, maxMs: 5 },
  });
  await plane.acknowledged(1);
});

afterEach(async () => {
  await link[Symbol.asyncDispose]();
  await plane[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const told = () => plane.messages.filter((message) => message.type === 'schema');

it('tells the hash of the schema, now and after each reconnection, and the schema itself when it is wanted', async () => {
  expect(plane.messages[0]).toMatchObject({ type: 'hello', can: ['schema'] });
  link.reportSchema({ schema, hash });
  await plane.until(() => told().length === 1);
  expect(told()).toEqual([{ type: 'schema', hash }]);
  expect(plane.schemas).toEqual([]);
  plane.send({ type: 'schema-wanted', hash });
  await plane.until(() => plane.schemas.length === 1);
  expect(plane.schemas).toEqual([schema]);
  plane.close(1001);
  await plane.until(() => told().length === 2);
});

it('reads the schema when it is asked to', async () => {
  const before = asked;
  plane.send({ type: 'introspect' });
  await expect.poll(() => asked).toBe(before + 1);
});

it('goes on when a report is refused, and sends the newest one when it is wanted again', async () => {
  link.reportSchema({ schema, hash });
  plane.schemaStatus = 500;
  plane.send({ type: 'schema-wanted', hash });
  await plane.until(() => plane.schemas.length === 1);
  plane.schemaStatus = 200;
  const newer = { ...schema, omitted: 3 };
  link.reportSchema({ schema: newer, hash: 'b'.repeat(64) });
  plane.send({ type: 'schema-wanted', hash: 'b'.repeat(64) });
  await plane.until(() => plane.schemas.length === 2);
  expect(plane.schemas.at(-1)).toEqual(newer);
  expect(link.connected).toBe(true);
});

it('sends nothing when nothing was read yet', async () => {
  plane.send({ type: 'schema-wanted', hash });
  plane.send({ type: 'ping' });
  await plane.until(() => plane.messages.some(({ type }) => type === 'pong'));
  expect(plane.schemas).toEqual([]);
});
