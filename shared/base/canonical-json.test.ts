import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

describe('canonicalJson', () => {
  it('writes the example of RFC 8785, 3.2.2', () => {
    const value = JSON.parse(
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
    ) as unknown;
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('sorts members by UTF-16 code units and leaves undefined out', () => {
    expect(canonicalJson({ b: 1, a: undefined, '\u{1f600}': 2, '\ufb33': 3, A: [true] })).toBe(
      '{"A":[true],"b":1,"\u{1f600}":2,"\ufb33":3}',
    );
  });

  it('gives one text whatever order the members were put in', () => {
    expect(canonicalJson({ x: { b: 1, a: 2 }, y: 0 })).toBe(canonicalJson({ y: -0, x: { a: 2, b: 1 } }));
  });

  it.each([[Number.NaN], [Infinity], ['\ud800'], [undefined], [10n], [() => 1], [{ '\udc00': 1 }]])(
    'refuses %s, which JSON cannot hold',
    (value) => {
      expect(() => canonicalJson(value)).toThrow(TypeError);
    },
  );
});
