import { expect, it } from 'vitest';
import { sampleStatus } from './testing/sample.ts';
import { tellEvent } from './tell-event.ts';

it('tells an event as it is', () => {
  const message = tellEvent({ event: 'statusChanged', payload: { status: sampleStatus } });
  expect(message).toEqual({ kind: 'event', event: 'statusChanged', payload: { status: sampleStatus } });
});

it('tells nothing when a backend puts in what the schema does not know', () => {
  const status = { ...sampleStatus, apiToken: 'canary' };
  expect(tellEvent({ event: 'statusChanged', payload: { status } })).toBeNull();
});
