/** The policy document that the system starts with, and what the bootstrap needs to know of it. */
import { readFile } from 'node:fs/promises';
import { AppError } from '@daam/shared/errors/app-error';
import { type PolicyDocument, parsePolicyDocument } from '@daam/shared/policy/document';
import { parse as parseYaml } from 'yaml';
import { samplePolicyPath } from './load-sample-shop.ts';
import { maxUsers } from './ports.ts';

/** Who gets a local port when no policy says so. */
export const defaultDeveloper = 'dev@example.com';

/** The administrator. */
export const adminEmail = 'admin@example.com';

/** A checked document. */
export interface StartPolicy {
  readonly document: PolicyDocument;
  /** As it is written, with its comments. */
  readonly text: string;
  /** Everyone whom a policy names, the developer first. */
  readonly users: readonly [string, ...string[]];
  readonly groups: readonly string[];
}

/** Reads a document; null: the sample's. INVALID_POLICY names the path of what is wrong, INVALID_INPUT the file. */
export async function readPolicy(file: string | null): Promise<StartPolicy> {
  const path = file ?? samplePolicyPath;
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new AppError('INVALID_INPUT', {
      message: `--policy: ${path} cannot be read.`,
      field: 'policy',
      cause,
    });
  });
  const document = parsePolicyDocument(parseDocument(text));
  const named = document.policies.flatMap(({ assign }) => assign.users);
  const others = [...new Set(named.map((email) => email.toLowerCase()))].filter(
    (email) => email !== defaultDeveloper,
  );
  const [first, ...rest] =
    named.includes(defaultDeveloper) || others.length === 0 ? [defaultDeveloper, ...others] : others;
  const users: StartPolicy['users'] = [first ?? defaultDeveloper, ...rest];
  if (users.length > maxUsers) {
    throw new AppError('INVALID_POLICY', {
      message: `At most ${maxUsers} users get a local port.`,
      field: 'assign',
    });
  }
  const groups = [...new Set(document.policies.flatMap(({ assign }) => assign.groups))];
  return { document, text, users, groups };
}

function parseDocument(text: string): unknown {
  try {
    return parseYaml(text) as unknown;
  } catch (cause) {
    throw new AppError('INVALID_POLICY', { message: 'The policy file is neither YAML nor JSON.', cause });
  }
}
