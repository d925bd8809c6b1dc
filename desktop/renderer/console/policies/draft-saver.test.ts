import type { PolicyDraftView } from '@daam/shared/api/policies';
import { AppError } from '@daam/shared/errors/app-error';
import type { PolicyDocument } from '@daam/shared/policy/document';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type DraftChange, DraftSaver } from './draft-saver.ts';

const empty: PolicyDocument = { database: 'shop', policies: [] };
const named = (name: string): PolicyDocument => ({
  database: 'shop',
  policies: [{ name, grants: [], masks: [], rowFilters: [], limits: {}, assign: { users: [], groups: [] } }],
});

let saved: { readonly change: DraftChange; readonly edition: number }[];
let answer: (change: DraftChange, edition: number) => Promise<PolicyDraftView>;

beforeEach(() => {
  vi.useFakeTimers();
  saved = [];
  answer = async (change, edition) => draftOf(change, edition + 1);
});
afterEach(() => vi.useRealTimers());

function saver(): DraftSaver {
  return new DraftSaver({
    start: { document: empty, text: 'database: shop\n', draft: null },
    save: async (change, edition) => {
      saved.push({ change, edition });
      return await answer(change, edition);
    },
    pauseMs: 400,
  });
}

function draftOf(change: DraftChange, edition: number): PolicyDraftView {
  const at = '2026-01-01T00:00:00.000Z';
  const isBroken = change.kind === 'text' && change.text.includes('broken');
  return {
    author: { id: '0', email: 'ada@example.com' },
    base: 1,
    current: 1,
    isStale: false,
    edition,
    text: change.kind === 'text' ? change.text : `written ${change.document.policies[0]?.name ?? ''}`,
    document: isBroken ? null : change.kind === 'document' ? change.document : named('text'),
    problems: isBroken ? [{ field: '', message: 'broken', line: 1, column: 1 }] : [],
    createdAt: at,
    updatedAt: at,
  };
}

describe('a draft', () => {
  it('shows a change at once, and saves the last one of several after a pause', async () => {
    const draft = saver();
    draft.change({ kind: 'document', document: named('one') });
    draft.change({ kind: 'document', document: named('two') });
    expect(draft.view()).toMatchObject({ state: 'changed', document: named('two') });
    await vi.advanceTimersByTimeAsync(400);
    expect(saved.map(({ edition }) => edition)).toEqual([0]);
    expect(draft.view()).toMatchObject({ state: 'saved', text: 'written two', draft: { edition: 1 } });
  });

  it('names the edition of the answer before, and never has two saves at a time', async () => {
    const waiting = Promise.withResolvers<null>();
    answer = async (change, edition) => {
      await waiting.promise;
      return draftOf(change, edition + 1);
    };
    const draft = saver();
    draft.change({ kind: 'document', document: named('one') });
    await vi.advanceTimersByTimeAsync(400);
    draft.change({ kind: 'document', document: named('two') });
    await vi.advanceTimersByTimeAsync(400);
    expect(saved).toHaveLength(1);
    waiting.resolve(null);
    expect(await draft.flush()).toBe(true);
    expect(saved.map(({ edition }) => edition)).toEqual([0, 1]);
    expect(draft.view()).toMatchObject({ document: named('two'), draft: { edition: 2 } });
  });

  it('has no document while its text is broken, and has it again afterwards', async () => {
    const draft = saver();
    draft.change({ kind: 'text', text: 'broken' });
    await draft.flush();
    expect(draft.view()).toMatchObject({ document: null, text: 'broken', problems: [{ line: 1 }] });
    draft.change({ kind: 'text', text: 'whole' });
    await draft.flush();
    expect(draft.view()).toMatchObject({ document: named('text'), problems: [] });
  });

  it('keeps what could not be saved, and saves it when asked again', async () => {
    answer = async () => await Promise.reject(new AppError('CONTROL_PLANE_UNAVAILABLE'));
    const draft = saver();
    draft.change({ kind: 'document', document: named('kept') });
    expect(await draft.flush()).toBe(false);
    expect(draft.view()).toMatchObject({ state: 'failed', document: named('kept') });
    answer = async (change, edition) => draftOf(change, edition + 1);
    draft.change({ kind: 'document', document: named('kept') });
    expect(await draft.flush()).toBe(true);
    expect(draft.view().state).toBe('saved');
  });
});
