/**
 * Part 2 of the proof: masked columns hold 128-bit canaries, and whatever is tried, none is found in a byte to the
 * client, in a log line, an audit record or the control plane's store, in any form that needs no key to undo. The
 * clients of this part never say a canary themselves: the audit log keeps their words.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Attack } from './attacks/attack.ts';
import { carrierAttacks } from './attacks/carriers.ts';
import { codeAttacks } from './attacks/code.ts';
import { protocolAttacks } from './attacks/protocol.ts';
import { readAttacks } from './attacks/reads.ts';
import { CanaryScan } from './canary-scan.ts';
import { corpus } from './corpus.ts';
import { readSignatures } from './generator/functions.ts';
import { Conversations, withoutMarks } from './generator/statements.ts';
import type { ClassCount, Finding, Part, ProveContext } from './part.ts';
import { actText, Twins } from './twins.ts';
import type { Act } from './wire.ts';
import { withClient } from './world/load.ts';
import { startWorlds, type Worlds } from './worlds.ts';

const conversationLength = 24;
const conversations = { quick: 4, whole: 60 };
/** How long delivery of the audit log may take. */
const deliveryMs = 20_000;

export const canaries: Part = {
  name: 'canaries',
  about: 'no masked value in any byte out, log, audit record or store, in any form',
  runs: 'major',
  run: async (context) => {
    await using worlds = await startWorlds({
      ...context,
      seed: context.seed + 1_000,
      folder: context.folder,
    });
    const scan = new CanaryScan([worlds.a.of, worlds.b.of]);
    const findings: Finding[] = [];
    const sent = await talk(context, { worlds, scan, findings });
    const counts: ClassCount[] = [
      { name: 'bytes to clients', cases: sent, failed: findings.length, note: megabytes(scan.scanned) },
    ];
    await delivered(worlds);
    const places = [
      ['log lines', worlds.logLines.map((line) => Buffer.from(line))],
      ['audit records on disk', await auditFiles(worlds.folder)],
      ['rows of the control plane’s store', await storeRows(worlds.controlPlane.storeDsn)],
    ] as const;
    for (const [name, texts] of places) {
      const bad = texts.filter((text) => scan.find(text).length > 0);
      findings.push(
        ...bad.slice(0, 5).map(
          (text): Finding => ({
            kind: 'leak',
            name,
            what: 'a canary at rest',
            seen: text.toString().slice(0, 500),
          }),
        ),
      );
      if (texts.length === 0) findings.push({ kind: 'broken', name, what: 'nothing was there', seen: '' });
      counts.push({ name, cases: texts.length, failed: bad.length });
    }
    return { counts, findings };
  },
};

interface Talk {
  readonly worlds: Worlds;
  readonly scan: CanaryScan;
  readonly findings: Finding[];
}

/** Says everything there is to say; answers how many acts that were. */
async function talk(context: ProveContext, { worlds, scan, findings }: Talk): Promise<number> {
  const pair = await worlds.agents();
  let sent = 0;
  for (const acts of await everything(context, worlds)) {
    const { twins } = await Twins.open(pair, scan);
    await using _ends = twins;
    for (const act of acts) {
      if (twins.isClosed) break;
      sent += 1;
      const seen = await twins.act(act);
      if (seen.canaries.length === 0) continue;
      findings.push({
        kind: 'leak',
        name: 'bytes to clients',
        what: actText(act),
        seen: `canaries: ${seen.canaries.join(', ')}; ${seen.difference ?? ''}`,
      });
    }
  }
  return sent;
}

async function everything(context: ProveContext, worlds: Worlds): Promise<readonly (readonly Act[])[]> {
  const unknown = {
    email: 'jane@example.com',
    otherEmail: 'joe@example.com',
    salary: '1000',
    nobody: 'x@example.com',
  };
  const attacks = [...readAttacks, ...carrierAttacks(unknown), ...codeAttacks(unknown), ...protocolAttacks];
  const isFor = ({ since, isByDesign, startup }: Attack): boolean =>
    (since === undefined || context.major >= since) && isByDesign !== true && startup === undefined;
  const functions = await readSignatures(worlds.a.superuserDsn, context.major);
  const generator = new Conversations({ seed: context.seed + 500_000, functions });
  const count = context.isQuick ? conversations.quick : conversations.whole;
  return [
    ...attacks.filter(isFor).map(({ acts }) => acts),
    ...corpus(context.major).map(({ acts }) => acts),
    ...Array.from({ length: count }, (_, index) =>
      generator.conversation(index, conversationLength).map(withoutMarks),
    ),
  ];
}

/** Waits until the control plane has the last record of the agents. */
async function delivered({ controlPlane, folder }: Worlds): Promise<void> {
  const end = Date.now() + deliveryMs;
  const written = (await auditLines(folder)).length;
  while (Date.now() < end) {
    const stored = await storeRows(controlPlane.storeDsn);
    if (stored.filter((row) => row.includes('"kind"')).length >= written) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function auditFiles(folder: string): Promise<readonly Buffer[]> {
  return (await auditLines(folder)).map((line) => Buffer.from(line));
}

/** Every line under the agents' folders, whatever file it is in: records, cached policies, credentials. */
async function auditLines(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const lines: string[] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const text = await readFile(join(entry.parentPath, entry.name), 'latin1').catch(() => '');
    lines.push(...text.split('\n').filter((line) => line !== ''));
  }
  return lines;
}

/** Every row of every table, as text. */
async function storeRows(dsn: string): Promise<readonly Buffer[]> {
  return await withClient(dsn, async (client) => {
    const tables = await client.query<{ name: string }>(
      `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
       WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`,
    );
    const rows: Buffer[] = [];
    for (const { name } of tables.rows) {
      const found = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} AS t`);
      rows.push(...found.rows.map(({ row }) => Buffer.from(row)));
    }
    return rows;
  });
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MiB scanned`;
}
