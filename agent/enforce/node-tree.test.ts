import { describe, expect, it } from 'vitest';
import {
  isTreeNode,
  listField,
  nodeField,
  numberField,
  parseNodeTree,
  type TreeValue,
  wordField,
} from './node-tree.ts';

const sample = String.raw`({QUERY :commandType 1 :resname :x :alias odd\ \(na\)me\\ :eref {ALIAS :colnames ("id" "a\ b" "")} :quals <> :constvalue 4 [ 1 0 0 0 ] :location -1 :groups (i 1 2) :flag true})`;

describe('parseNodeTree', () => {
  it('reads nodes, lists, words, escapes, nulls and the bytes of constants', () => {
    const [query] = parseNodeTree(sample) as readonly TreeValue[];
    if (!isTreeNode(query, 'QUERY')) throw new Error('no QUERY');
    expect(numberField(query, 'commandType')).toBe(1);
    expect(wordField(query, 'resname')).toBe(':x');
    expect(wordField(query, 'alias')).toBe('odd (na)me\\');
    const names = nodeField(query, 'eref');
    expect(names === null ? [] : listField(names, 'colnames')).toEqual(['"id"', '"a b"', '""']);
    expect(query.fields.get('quals')).toBeNull();
    expect(numberField(query, 'constvalue')).toBe(4);
    expect(numberField(query, 'location')).toBe(-1);
    expect(listField(query, 'groups')).toEqual(['i', '1', '2']);
    expect(wordField(query, 'flag')).toBe('true');
  });

  it('refuses every text that is cut off, and one that goes on', () => {
    for (let length = 0; length < sample.length; length += 1)
      expect(() => parseNodeTree(sample.slice(0, length))).toThrow(RangeError);
    expect(() => parseNodeTree(`${sample} x`)).toThrow(RangeError);
    expect(() => parseNodeTree('{QUERY value}')).toThrow(RangeError);
  });

  it('refuses a tree that is nested too deeply, rather than running out of stack', () => {
    expect(() => parseNodeTree('('.repeat(100_000))).toThrow(RangeError);
  });

  it('throws for fields that are not what they should be', () => {
    const node = parseNodeTree('{A :word x :list (1) :node {B}}');
    if (!isTreeNode(node)) throw new Error('no node');
    expect(() => listField(node, 'word')).toThrow(RangeError);
    expect(() => nodeField(node, 'list')).toThrow(RangeError);
    expect(() => wordField(node, 'node')).toThrow(RangeError);
    expect(() => numberField(node, 'word')).toThrow(RangeError);
    expect(listField(node, 'absent')).toEqual([]);
    expect(nodeField(node, 'absent')).toBeNull();
  });
});
