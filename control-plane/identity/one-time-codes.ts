import { randomBytes } from 'node:crypto';
import { asId, type OrgId } from '@daam/shared/domain/ids';
import { AppError } from '@daam/shared/errors/app-error';
import type { z } from 'zod';
import { query } from '../db/query.ts';
import type { Em } from '../db/store.ts';
import { hashToken } from './tokens.ts';

/** A kind of one-time code: what it stands for, and for how long. */
export interface CodeKind<Schema extends z.ZodType> {
  readonly name: string;
  /** Of its data, which is checked when it comes back. */
  readonly schema: Schema;
  readonly lifetimeMs: number;
}

export interface StoredCode<Data> {
  readonly hash: string;
  /** Null where no organization was known yet. */
  readonly org: OrgId | null;
  readonly data: Data;
}

/** Expired rows that one new code takes away, at most. */
const sweepRows = 50;

/** Those of `keptKind` stay a day after their end, so that a second use is known as one; others go at once. */
const keptMs = 24 * 3_600_000;
const keptKind = 'authorization-code';

/** Makes a code: 32 random bytes in base64url, stored as their hash, with `data` beside it. Returns its text. */
export async function createCode<Schema extends z.ZodType>(
  em: Em,
  kind: CodeKind<Schema>,
  fields: {
    readonly org: OrgId | null;
    readonly data: z.input<Schema>;
    readonly now: number;
    readonly userCode?: string;
  },
): Promise<{ readonly text: string; readonly hash: string; readonly expiresAt: Date }> {
  const text = randomBytes(32).toString('base64url');
  const hash = hashToken(text);
  const expiresAt = new Date(fields.now + kind.lifetimeMs);
  await query(
    em,
    `delete from one_time_codes where hash in
       (select hash from one_time_codes where expires_at < ? and (kind <> ? or expires_at < ?)
         order by expires_at limit ? for update skip locked)`,
    [new Date(fields.now), keptKind, new Date(fields.now - keptMs), sweepRows],
  );
  await query(
    em,
    `insert into one_time_codes (hash, kind, org_id, user_code, data, created_at, expires_at)
     values (?, ?, ?, ?, ?::jsonb, ?, ?)`,
    [
      hash,
      kind.name,
      fields.org,
      fields.userCode ?? null,
      JSON.stringify(fields.data),
      new Date(fields.now),
      expiresAt,
    ],
  );
  return { text, hash, expiresAt };
}

/** Uses a code up. Null when there is none of that kind, or it was used, or it has expired. */
export async function takeCode<Schema extends z.ZodType>(
  em: Em,
  kind: CodeKind<Schema>,
  key: { readonly text: string; readonly now: number },
): Promise<StoredCode<z.output<Schema>> | null> {
  return await takeCodeByHash(em, kind, { hash: hashToken(key.text), now: key.now });
}

/** As `takeCode`, by the stored hash. */
export async function takeCodeByHash<Schema extends z.ZodType>(
  em: Em,
  kind: CodeKind<Schema>,
  { hash, now }: { readonly hash: string; readonly now: number },
): Promise<StoredCode<z.output<Schema>> | null> {
  const [row] = await query<CodeRow[]>(
    em,
    `update one_time_codes set used_at = ?
      where hash = ? and kind = ? and used_at is null and expires_at > ? returning hash, org_id, data`,
    [new Date(now), hash, kind.name, new Date(now)],
  );
  return row === undefined ? null : readRow(kind, row);
}

/** Remembers that a code came again. Whoever took it, and is not done yet, finds this under the row's lock. */
export async function noteReplay(
  em: Em,
  kind: CodeKind<z.ZodType>,
  { hash, now }: { readonly hash: string; readonly now: number },
): Promise<void> {
  await query(
    em,
    'update one_time_codes set replayed_at = ? where hash = ? and kind = ? and replayed_at is null',
    [new Date(now), hash, kind.name],
  );
}

/** Whether a code came again; locks its row, so that nobody notes it before this transaction's end. */
export async function lockReplayed(em: Em, hash: string): Promise<boolean> {
  const [row] = await query<{ replayed_at: unknown }[]>(
    em,
    'select replayed_at from one_time_codes where hash = ? for update',
    [hash],
  );
  return row !== undefined && row.replayed_at !== null;
}

/** Looks at a code that is good still, and leaves it. By its text or, where it has one, by what a person types. */
export async function peekCode<Schema extends z.ZodType>(
  em: Em,
  kind: CodeKind<Schema>,
  key: { readonly hash: string; readonly now: number } | { readonly userCode: string; readonly now: number },
): Promise<StoredCode<z.output<Schema>> | null> {
  const [column, value] = 'hash' in key ? ['hash', key.hash] : ['user_code', key.userCode];
  const [row] = await query<CodeRow[]>(
    em,
    `select hash, org_id, data from one_time_codes
      where ${column} = ? and kind = ? and used_at is null and expires_at > ?`,
    [value, kind.name, new Date(key.now)],
  );
  return row === undefined ? null : readRow(kind, row);
}

interface CodeRow {
  readonly hash: string;
  readonly org_id: string | null;
  readonly data: unknown;
}

function readRow<Schema extends z.ZodType>(
  kind: CodeKind<Schema>,
  row: CodeRow,
): StoredCode<z.output<Schema>> {
  const parsed = kind.schema.safeParse(row.data);
  if (!parsed.success)
    throw new AppError('INTERNAL', { detail: `one-time code ${kind.name} cannot be read` });
  return { hash: row.hash, org: row.org_id === null ? null : asId<OrgId>(row.org_id), data: parsed.data };
}
