import { describe, expect, it } from 'vitest';
import { violationOf } from './model.ts';

describe('the model of the protocol', () => {
  it('takes a simple query and its error', () => {
    expect(
      violationOf(['query'], ['rowDescription', 'dataRow', 'commandComplete', 'readyForQuery']),
    ).toBeNull();
    expect(violationOf(['query'], ['errorResponse', 'readyForQuery'])).toBeNull();
  });

  it('skips until Sync after an error in the extended protocol', () => {
    const sent = ['parse', 'bind', 'execute', 'sync', 'query'] as const;
    expect(
      violationOf(sent, ['parseComplete', 'errorResponse', 'readyForQuery', 'readyForQuery']),
    ).toBeNull();
    expect(violationOf(sent, ['errorResponse', 'bindComplete'])).not.toBeNull();
  });

  it('lets COPY swallow its data and every Sync in it', () => {
    const sent = ['query', 'copy-data', 'sync', 'copy-end', 'sync'] as const;
    const answers = ['copyInResponse', 'commandComplete', 'readyForQuery', 'readyForQuery'];
    expect(violationOf(sent, answers)).toBeNull();
    expect(violationOf(sent, [...answers, 'readyForQuery'])).not.toBeNull();
  });

  it('misses an answer that did not come, and finds one that nobody asked for', () => {
    expect(violationOf(['parse', 'sync'], ['parseComplete'])).toContain('not answered');
    expect(violationOf(['sync'], ['readyForQuery', 'dataRow'])).toContain('answers nothing');
    expect(violationOf(['parse', 'sync'], ['bindComplete'])).toContain('bindComplete to parse');
  });
});
