import { describe, expect, it } from 'vitest';
import { testRandom } from '../testing/random.ts';
import { codeOf } from '../testing/code-of.ts';
import { parsePolicyDocument, type PolicyDocument } from './document.ts';
import { parsePolicyText, patchPolicyText, readPolicyText, writePolicyText } from './policy-text.ts';

const text = `# who may see the shop
database: shop
policies:
  # support answers the telephone
  - name: support
    grants:
      - { table: public.customers, operations: [select, update] } # they correct addresses
      - { table: "sales.*", operations: [select] }
    masks:
      # ticket from the privacy office
      - { column: public.customers.email, preset: email, match: equality }
      - { column: public.customers.ssn, preset: ssn }
    assign: { users: [], groups: [support] }
  - name: reports
    grants:
      - table: public.orders
        operations: [select]
`;

function changed(change: (document: PolicyDocument) => void): PolicyDocument {
  const document = structuredClone(parsePolicyText(text));
  change(document);
  return parsePolicyDocument(document);
}

function first<Item>(items: readonly Item[]): Item {
  const [item] = items;
  if (item === undefined) throw new RangeError('there is none');
  return item;
}

describe('policy text', () => {
  it('reads YAML and JSON to the same document', () => {
    const document = parsePolicyText(text);
    expect(parsePolicyText(JSON.stringify(document))).toEqual(document);
    expect(parsePolicyText(writePolicyText(document))).toEqual(document);
  });

  it.each([
    ['policies[0].masks[1].preset', 'preset: ssn', 'preset: sssn', 12],
    ['policies[0].grants[0].tabel', '{ table: public.c', '{ tabel: public.c', 7],
    ['policies[1].grants[0].operations[0]', 'operations: [select]\n', 'operations: [drop]\n', 17],
    ['policies[1].name', 'name: reports', 'name: support', 14],
  ])('names %s and its line', (field, was, is, line) => {
    const at = text.lastIndexOf(was);
    const { document, problems } = readPolicyText(text.slice(0, at) + is + text.slice(at + was.length));
    expect(document).toBeNull();
    const problem = problems.find((each) => each.field === field);
    expect(problem).toMatchObject({ line });
    expect(problem?.column).toBeGreaterThan(0);
  });

  it('says where a text is no YAML', () => {
    const { document, problems } = readPolicyText('database: shop\npolicies: [\n  {');
    expect(document).toBeNull();
    expect(first(problems)).toMatchObject({ field: '', line: 3 });
  });

  it.each([
    ['a list', '[]'],
    ['nothing', ''],
    ['two documents', 'a: 1\n---\nb: 2'],
    ['a key that is there twice', 'database: shop\ndatabase: shop\npolicies: []'],
    ['nesting without end', '['.repeat(50_000)],
    [
      'references that multiply',
      `${Array.from({ length: 30 }, (_, at) => `a${at}: &a${at} [${at ? `*a${at - 1}, *a${at - 1}` : 'x'}]`).join('\n')}\n`,
    ],
  ])('refuses %s', (_, source) => {
    expect(readPolicyText(source)).toMatchObject({ document: null });
    expect(codeOf(() => parsePolicyText(source))).toBe('INVALID_POLICY');
  });

  it('survives texts that were cut or damaged anywhere', () => {
    const random = testRandom(5);
    for (let round = 0; round < 400; round++) {
      const at = random.int(text.length);
      const damage = random.pick([
        '',
        '\u0000',
        '"',
        '{',
        ']',
        '&a ',
        '*a',
        '\t',
        '- ',
        ': ',
        '\ud800',
        '!!js ',
      ]);
      const source = text.slice(0, at) + damage + text.slice(at + random.int(4));
      const { document, problems } = readPolicyText(random.chance(0.2) ? text.slice(0, at) : source);
      expect(document === null).toBe(problems.length > 0);
    }
  });

  it('finds the line of a rule', () => {
    const { placeOf } = readPolicyText(text);
    expect(placeOf(['policies', 0, 'masks', 1])).toEqual({ line: 12, column: 9 });
    expect(placeOf(['policies', 1, 'grants', 0]).line).toBe(16);
  });
});

describe('a changed document written into its text', () => {
  it('leaves the text alone when it says the same', () => {
    expect(patchPolicyText(text, parsePolicyText(text))).toBe(text);
  });

  it('keeps comments and style of everything that did not change', () => {
    const target = changed((document) => {
      const policy = first(document.policies);
      policy.masks.push({ column: 'public.customers.phone', preset: 'phone' });
      policy.assign.users.push('ada@example.com');
      first(policy.masks).match = 'none';
    });
    const patched = patchPolicyText(text, target);
    expect(parsePolicyText(patched)).toEqual(target);
    for (const comment of [
      '# who may see the shop',
      '# support answers',
      '# they correct',
      '# ticket from',
    ]) {
      expect(patched).toContain(comment);
    }
    expect(patched).toContain('- { column: public.customers.phone, preset: phone }');
    expect(patched).toContain('operations: [select, update] } # they correct addresses');
    expect(patched).not.toContain('rowFilters');
  });

  it('takes a removed rule out with its comment, and moves policies with theirs', () => {
    const target = changed((document) => {
      document.policies.reverse();
      first(document.policies.slice(1)).masks.shift();
    });
    const patched = patchPolicyText(text, target);
    expect(parsePolicyText(patched)).toEqual(target);
    expect(patched).not.toContain('# ticket from');
    expect(patched.indexOf('name: reports')).toBeLessThan(patched.indexOf('# support answers'));
  });

  it('never changes what an anchor is used for elsewhere', () => {
    const anchored = `database: shop
policies:
  - { name: a, grants: &rights [{ table: public.t, operations: [select] }] }
  - { name: b, grants: *rights }
`;
    const target = structuredClone(parsePolicyText(anchored));
    first(first(target.policies).grants).operations.push('insert');
    expect(parsePolicyText(patchPolicyText(anchored, target))).toEqual(target);
  });

  it('writes anew what cannot be read', () => {
    const target = parsePolicyText(text);
    expect(parsePolicyText(patchPolicyText('{{{', target))).toEqual(target);
    expect(parsePolicyText(patchPolicyText('- just a list', target))).toEqual(target);
  });

  it('says what it was told, whatever was changed', () => {
    const random = testRandom(9);
    let current = text;
    for (let round = 0; round < 60; round++) {
      const document = structuredClone(parsePolicyText(current));
      const policy = random.pick(document.policies);
      const column = `public.customers.c${random.int(6)}`;
      if (random.chance(0.3)) policy.masks = random.shuffle(policy.masks).slice(random.int(2));
      else policy.masks.push({ column, preset: random.pick(['email', 'null', 'redact'] as const) });
      if (random.chance(0.3)) policy.limits = { maxRows: 1 + random.int(9) };
      if (random.chance(0.2)) policy.grants = random.shuffle(policy.grants);
      const target = parsePolicyDocument(document);
      current = patchPolicyText(current, target);
      expect(parsePolicyText(current)).toEqual(target);
    }
    expect(current).toContain('# who may see the shop');
  });
});
