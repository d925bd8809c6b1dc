import { query } from '../db/query.ts';
import { systemScope } from '../db/scope.ts';
import type { Em, Store } from '../db/store.ts';
import { webhookSecretContext } from '../webhooks/secrets.ts';
import { orgKeyContext } from './org-signer.ts';
import { pseudonymKeyContext } from './pseudonym-keys.ts';
import { type MasterKey, reseal } from './sealed-box.ts';

/** Rows that are sealed anew in one transaction. */
const batch = 100;

/** What a rotation did: secrets that are sealed with the current master key now, and those that neither key opens. */
export interface Rotation {
  /** Of the current master key; tells keys apart, reveals nothing. */
  readonly masterKey: string;
  readonly resealed: {
    readonly signingKeys: number;
    readonly pseudonymKeys: number;
    readonly webhooks: number;
  };
  readonly unopened: number;
}

/**
 * Seals whatever the second master key still opens with the first, in small transactions and under row locks: replicas
 * go on meanwhile, and what was done stays done when it is broken off. Running it again does nothing more. Secrets that
 * live for minutes (challenges of device keys) end by themselves.
 */
export async function rotateMasterKey(store: Store, master: MasterKey): Promise<Rotation> {
  const run = { store, master, unopened: 0 };
  const resealed = {
    signingKeys: await rotateTable(run, signingKeys),
    pseudonymKeys: await rotateTable(run, pseudonymKeys),
    webhooks: await rotateTable(run, webhooks),
  };
  return { masterKey: master.id, resealed, unopened: run.unopened };
}

interface Run {
  readonly store: Store;
  readonly master: MasterKey;
  unopened: number;
}

interface SealedTable<Row extends { readonly id: string }> {
  /** Locked rows behind an id that are not sealed with this key, in order. */
  select(em: Em, key: { readonly after: string; readonly masterKey: string }): Promise<readonly Row[]>;
  /** False where it was so already. Throws INVALID_CONFIG when neither key opens it. */
  update(em: Em, row: Row, master: MasterKey): Promise<boolean>;
}

async function rotateTable<Row extends { readonly id: string }>(
  run: Run,
  table: SealedTable<Row>,
): Promise<number> {
  let resealed = 0;
  for (let after = ''; ; ) {
    const seen = await systemScope(run.store, 'rotate-keys').transactional(async (em) => {
      const rows = await table.select(em, { after, masterKey: run.master.id });
      for (const row of rows) {
        const outcome = await resealRow(em, { row, table, master: run.master });
        if (outcome === 'resealed') resealed += 1;
        if (outcome === 'unopened') run.unopened += 1;
      }
      return rows;
    });
    if (seen.length < batch) return resealed;
    after = seen.at(-1)?.id ?? '';
  }
}

async function resealRow<Row extends { readonly id: string }>(
  em: Em,
  { row, table, master }: { readonly row: Row; readonly table: SealedTable<Row>; readonly master: MasterKey },
): Promise<'resealed' | 'unchanged' | 'unopened'> {
  try {
    return (await table.update(em, row, master)) ? 'resealed' : 'unchanged';
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'INVALID_CONFIG') return 'unopened';
    throw error;
  }
}

const signingKeys: SealedTable<{ id: string; org_id: string; sealed_private: string }> = {
  select: async (em, { after, masterKey }) =>
    await query(
      em,
      `select kid as id, org_id, sealed_private from org_keys
        where master_key_id <> ? and kid > ? order by kid limit ${batch} for update`,
      [masterKey, after],
    ),
  update: async (em, { id, org_id, sealed_private }, master) => {
    const sealed = reseal(master, orgKeyContext(org_id, id), sealed_private);
    await query(
      em,
      'update org_keys set sealed_private = ?, master_key_id = ? where kid = ? and org_id = ?',
      [sealed, master.id, id, org_id],
    );
    return true;
  },
};

const pseudonymKeys: SealedTable<{ id: string; sealed: string }> = {
  select: async (em, { after, masterKey }) =>
    await query(
      em,
      `select org_id::text as id, sealed from pseudonym_keys
        where master_key_id <> ? and org_id::text > ? order by org_id::text limit ${batch} for update`,
      [masterKey, after],
    ),
  update: async (em, { id, sealed }, master) => {
    await query(em, 'update pseudonym_keys set sealed = ?, master_key_id = ? where org_id = ?', [
      reseal(master, pseudonymKeyContext(id), sealed),
      master.id,
      id,
    ]);
    return true;
  },
};

/** The secret before the last change is sealed with the master key of its own time, which the row does not name. */
const webhooks: SealedTable<{ id: string; sealed_secret: string; old_sealed_secret: string | null }> = {
  select: async (em, { after, masterKey }) =>
    await query(
      em,
      `select id::text as id, sealed_secret, old_sealed_secret from webhooks
        where (master_key_id <> ? or old_sealed_secret is not null) and id::text > ?
        order by id::text limit ${batch} for update`,
      [masterKey, after],
    ),
  update: async (em, { id, sealed_secret, old_sealed_secret }, master) => {
    const context = webhookSecretContext(id);
    const current = reseal(master, context, sealed_secret);
    const old = old_sealed_secret === null ? null : reseal(master, context, old_sealed_secret);
    if (current === sealed_secret && old === old_sealed_secret) return false;
    await query(
      em,
      'update webhooks set sealed_secret = ?, old_sealed_secret = ?, master_key_id = ? where id = ?',
      [current, old, master.id, id],
    );
    return true;
  },
};
