/** What the words of each command may be, for completion. What is not here is not completed. */

/** A name of a database, a path, or one of these words. */
export type WordKind = 'database' | 'file' | readonly string[];

export interface CommandWords {
  /** In their order after the command. */
  readonly words?: readonly WordKind[];
  /** The values of its options. */
  readonly values?: Readonly<Record<string, WordKind>>;
}

const database: CommandWords = { words: ['database'] };
const signIn: readonly string[] = ['browser', 'print', 'device-code', 'never'];
const store: CommandWords['values'] = { 'secret-store': ['keyring', 'file', 'keytar'] };

/** By the command's name. */
export const commandWords: Readonly<Record<string, CommandWords>> = {
  login: { values: { ...store, 'token-file': 'file' } },
  logout: {},
  databases: {},
  connect: { ...database, values: { 'sign-in': signIn } },
  psql: { ...database, values: { 'sign-in': signIn } },
  run: { ...database, values: { 'sign-in': signIn } },
  status: {},
  devices: { words: [['list', 'rename', 'revoke']] },
  tls: { words: [['show', 'on', 'off']], values: store },
  password: { words: [['show', 'on', 'off']], values: store },
  request: {
    words: [['new', 'list', 'show', 'wait', 'approve', 'deny', 'revoke', 'comment', 'review'], 'database'],
    values: { outcome: ['justified', 'unjustified'] },
  },
  policy: {
    words: [['export', 'diff', 'apply', 'history', 'restore', 'access', 'why'], 'database'],
    values: { file: 'file', output: 'file', operation: ['select', 'insert', 'update', 'delete'] },
  },
  vouch: { words: [['list', 'add', 'remove'], 'database'], values: { file: 'file' } },
  explain: database,
  audit: {
    words: [['export', 'verify', 'search', 'readers', 'checkpoints', 'keys'], 'file'],
    values: {
      output: 'file',
      checkpoints: 'file',
      database: 'database',
      format: ['jsonl', 'csv'],
      class: ['all', 'connections', 'statements', 'activity'],
      decision: ['allow', 'deny'],
      operation: ['select', 'insert', 'update', 'delete'],
    },
  },
  'service-accounts': {
    words: [['list', 'create', 'rotate', 'revoke', 'remove']],
    values: { role: ['member', 'auditor', 'admin'] },
  },
  completion: { words: [['bash', 'zsh', 'fish']] },
};
