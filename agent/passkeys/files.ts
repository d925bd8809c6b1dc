import { type KeyObject, randomUUID } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { removePrivateFile } from '../control/private-file.ts';
import { type Approval, type Pins, pinsSchema } from './pins.ts';
import { fileKey, readSealedFile, writeSealedFile } from '../control/sealed-file.ts';

/**
 * The files of pinned passkeys: the pins themselves, written by the running agent alone, and beside them a folder in which
 * an operator's approvals wait to be taken, one file each.
 */

const maxPinsBytes = 64 * 1024 * 1024;
const maxApprovalBytes = 4_096;
/** Approvals that are taken at a time. */
const maxApprovals = 100;

const approvalSchema = z.strictObject({
  user: z.string().max(100),
  fingerprint: z.string().max(60),
  asAdmin: z.boolean(),
}) satisfies z.ZodType<Approval>;

/** What is pinned; null when there is no file. INVALID_CONFIG when it is damaged. */
export async function readPins(path: string, agentKey: KeyObject): Promise<Pins | null> {
  const key = fileKey(agentKey, 'passkey pins');
  return await readSealedFile(path, { key, schema: pinsSchema, maxBytes: maxPinsBytes });
}

/** Throws what the file system says. */
export async function writePins(path: string, agentKey: KeyObject, pins: Pins): Promise<void> {
  await writeSealedFile(path, fileKey(agentKey, 'passkey pins'), pins);
}

/** Leaves an approval for the running agent. Throws what the file system says. */
export async function leaveApproval(path: string, agentKey: KeyObject, approval: Approval): Promise<void> {
  await becomeOwnerOf(dirname(path));
  const file = join(approvalsFolder(path), `${randomUUID()}.json`);
  await writeSealedFile(file, fileKey(agentKey, 'passkey approval'), approval);
}

/**
 * Root goes on as the user whom the agent's files belong to: it must neither leave files that the agent cannot take, nor
 * follow a link in a folder of somebody else.
 */
async function becomeOwnerOf(folder: string): Promise<void> {
  const { uid, gid } = await stat(folder);
  if (process.geteuid?.() !== 0 || uid === 0) return;
  process.setgroups?.([]);
  process.setegid?.(gid);
  process.seteuid?.(uid);
}

/** Hands each approval that waits to `take`, and removes its file; a file that is none is removed too. */
export async function takeApprovals(
  path: string,
  agentKey: KeyObject,
  take: (approval: Approval) => Promise<void>,
): Promise<void> {
  const folder = approvalsFolder(path);
  const names = await readdir(folder).catch(() => []);
  const key = fileKey(agentKey, 'passkey approval');
  for (const name of names.filter((each) => each.endsWith('.json')).slice(0, maxApprovals)) {
    const file = join(folder, name);
    const sealed = { key, schema: approvalSchema, maxBytes: maxApprovalBytes };
    const approval = await readSealedFile(file, sealed).catch(() => null);
    if (approval !== null) await take(approval);
    await removePrivateFile(file);
  }
}

function approvalsFolder(path: string): string {
  return `${path}.approvals`;
}
