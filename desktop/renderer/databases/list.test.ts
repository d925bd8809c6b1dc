import { describe, expect, it } from 'vitest';
import { sampleDatabase, sampleDatabases, sampleTime } from '../../ipc/testing/sample.ts';
import type { Connection, DatabaseAccess } from '../../ipc/schema.ts';
import { accessWords } from './access-words.ts';
import { describeChanges } from './describe-changes.ts';
import { filterDatabases, groupDatabases } from './filter-databases.ts';
import { listShortcuts, pageShortcuts, readShortcut } from './list-keys.ts';

const connected: Connection = {
  kind: 'connected',
  local: { host: '127.0.0.1', port: 54_310, user: 'dev', database: 'orders' },
  path: 'loopback',
  since: sampleTime,
};
const names = (found: readonly { name: string }[]): string[] => found.map(({ name }) => name);

describe('the words for access', () => {
  const access = (changes: Partial<DatabaseAccess>): string =>
    accessWords({
      policies: [{ name: 'analyst', version: 12 }],
      operations: null,
      maskedColumns: null,
      ...changes,
    });

  it('say the policies, the masks and what may be done', () => {
    expect(access({ operations: ['select'], maskedColumns: 2 })).toBe(
      'analyst v12 · 2 masked columns · read only',
    );
  });

  it('do not claim that nothing is masked when it is not known', () => {
    expect(access({})).toBe('analyst v12');
    expect(access({ maskedColumns: 0 })).toBe('analyst v12 · nothing masked');
  });

  it.each([
    [['select', 'insert', 'update', 'delete'], 'read, write'],
    [['select', 'update'], 'read, update'],
    [['insert'], 'insert'],
    [[], 'no tables granted'],
  ] as const)('name the operations %j', (operations, words) => {
    expect(access({ operations: [...operations] })).toBe(`analyst v12 · ${words}`);
  });
});

describe('the filter', () => {
  it.each([
    ['bill', ['billing']],
    ['PROD support', ['billing']],
    ['support', ['billing', 'ledger-staging']],
    ['nothing like it', []],
    ['  ', names(sampleDatabases)],
  ])('finds for "%s" by name, environment and policy', (text, found) => {
    expect(names(filterDatabases(sampleDatabases, { text, connectedOnly: false }))).toEqual(found);
  });

  it('leaves out what is not connected when asked to', () => {
    const databases = [sampleDatabase({ name: 'a' }), sampleDatabase({ name: 'b', connection: connected })];
    expect(names(filterDatabases(databases, { text: '', connectedOnly: true }))).toEqual(['b']);
  });

  it('groups with production first, by name, and shows no empty group', () => {
    const groups = groupDatabases(sampleDatabases.filter(({ environment }) => environment !== 'staging'));
    expect(groups.map(({ title, databases }) => [title, names(databases)])).toEqual([
      ['Production', ['billing', 'orders', 'warehouse']],
      ['Development', ['shop']],
    ]);
  });
});

describe('what is said about a new list', () => {
  const before = [sampleDatabase({ name: 'orders' }), sampleDatabase({ name: 'billing' })];
  const isConnected = [sampleDatabase({ name: 'orders', connection: connected }), ...before.slice(1)];

  it('is nothing when nothing changed', () => {
    expect(describeChanges(before, [...before])).toBeNull();
  });

  it('is that a database was connected and where, and that it was disconnected', () => {
    expect(describeChanges(before, isConnected)).toBe('orders connected at 127.0.0.1:54310.');
    expect(describeChanges(isConnected, before)).toBe('orders disconnected.');
  });

  it('is that a database was removed or added', () => {
    expect(describeChanges(before, before.slice(1))).toBe('orders was removed. Its local port is closed.');
    expect(describeChanges(before.slice(1), before)).toBe('orders was added.');
  });

  it('is what the person gets now, when that changed', () => {
    const access = { policies: [{ name: 'analyst', version: 13 }], operations: null, maskedColumns: 3 };
    const after = [sampleDatabase({ name: 'orders', access }), ...before.slice(1)];
    expect(describeChanges(before, after)).toBe(
      'Your access to orders changed: analyst v13 · 3 masked columns.',
    );
  });

  it('is one short message when much changed at once', () => {
    expect(describeChanges([], sampleDatabases)).toBe('5 databases changed.');
  });

  it('do not call it a change when an access becomes known', () => {
    const unknown = sampleDatabase({
      name: 'orders',
      access: { policies: [{ name: 'analyst', version: 12 }], operations: null, maskedColumns: null },
    });
    expect(describeChanges([unknown], [sampleDatabase({ name: 'orders' })])).toBeNull();
  });

  it('leaves a failure to the alert in its row', () => {
    const error = { code: 'TIMEOUT', message: 'It took too long.', hint: null, field: null } as const;
    const after = [
      sampleDatabase({ name: 'orders', connection: { kind: 'failed', error } }),
      ...before.slice(1),
    ];
    expect(describeChanges(before, after)).toBeNull();
  });
});

describe('the keys', () => {
  const press = (key: string, modifiers: object = {}) => ({
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    ...modifiers,
  });

  it.each([
    ['Enter', 'primary'],
    ['c', 'copy'],
    ['d', 'disconnect'],
    ['j', 'next'],
    ['ArrowUp', 'previous'],
    ['x', null],
  ])('read %s as %s', (key, action) => {
    expect(readShortcut(listShortcuts, press(key), true)).toBe(action);
  });

  it.each(['ctrlKey', 'metaKey', 'altKey'])('leave c with %s to the browser', (modifier) => {
    expect(readShortcut(listShortcuts, press('c', { [modifier]: true }), true)).toBeNull();
  });

  it('do nothing for a single character when those are off, and still walk by arrows', () => {
    expect(readShortcut(listShortcuts, press('d'), false)).toBeNull();
    expect(readShortcut(pageShortcuts, press('?'), false)).toBeNull();
    expect(readShortcut(listShortcuts, press('ArrowDown'), false)).toBe('next');
  });

  it('mean one thing each', () => {
    const keys = [...listShortcuts, ...pageShortcuts].flatMap((shortcut) => shortcut.keys);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
