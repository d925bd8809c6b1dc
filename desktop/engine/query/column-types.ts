/** Names and kinds of PostgreSQL's own types, by OID (pg_type.dat): what a result's columns are shown as. */
import type { ResultColumn } from '../../ipc/schema.ts';

type Kind = ResultColumn['kind'];

const scalars: readonly (readonly [oid: number, array: number, name: string, kind: Kind])[] = [
  [16, 1000, 'boolean', 'boolean'],
  [17, 1001, 'bytea', 'bytes'],
  [18, 1002, '"char"', 'text'],
  [19, 1003, 'name', 'text'],
  [20, 1016, 'bigint', 'number'],
  [21, 1005, 'smallint', 'number'],
  [23, 1007, 'integer', 'number'],
  [25, 1009, 'text', 'text'],
  [26, 1028, 'oid', 'number'],
  [114, 199, 'json', 'json'],
  [142, 143, 'xml', 'text'],
  [650, 651, 'cidr', 'text'],
  [700, 1021, 'real', 'number'],
  [701, 1022, 'double precision', 'number'],
  [790, 791, 'money', 'number'],
  [829, 1040, 'macaddr', 'text'],
  [869, 1041, 'inet', 'text'],
  [1042, 1014, 'character', 'text'],
  [1043, 1015, 'character varying', 'text'],
  [1082, 1182, 'date', 'time'],
  [1083, 1183, 'time', 'time'],
  [1114, 1115, 'timestamp', 'time'],
  [1184, 1185, 'timestamp with time zone', 'time'],
  [1186, 1187, 'interval', 'time'],
  [1266, 1270, 'time with time zone', 'time'],
  [1560, 1561, 'bit', 'text'],
  [1562, 1563, 'bit varying', 'text'],
  [1700, 1231, 'numeric', 'number'],
  [2205, 2210, 'regclass', 'text'],
  [2206, 2211, 'regtype', 'text'],
  [2950, 2951, 'uuid', 'text'],
  [3614, 3643, 'tsvector', 'text'],
  [3802, 3807, 'jsonb', 'json'],
  [3904, 3905, 'int4range', 'text'],
  [3906, 3907, 'numrange', 'text'],
  [3910, 3911, 'tstzrange', 'text'],
  [3912, 3913, 'daterange', 'text'],
];

const byOid = new Map<number, { readonly name: string; readonly kind: Kind; readonly scalar: number }>(
  scalars.flatMap(([oid, array, name, kind]) => [
    [oid, { name, kind, scalar: oid }],
    [array, { name: `${name}[]`, kind: 'array' as const, scalar: oid }],
  ]),
);

/** As `format_type` writes it; a type that is not PostgreSQL's own by its number. */
export function typeName(oid: number, modifier: number): string {
  const found = byOid.get(oid);
  if (found === undefined) return `type ${oid}`;
  const suffix = modifierText(found.scalar, modifier);
  if (suffix === '') return found.name;
  return found.name.replace(/^([a-z]+(?: varying)?)/, `$1${suffix}`);
}

export function typeKind(oid: number): Kind {
  return byOid.get(oid)?.kind ?? 'other';
}

/** What is behind the name: `(10,2)`, `(40)`. */
function modifierText(scalar: number, modifier: number): string {
  if (modifier < 0) return '';
  switch (scalar) {
    case 1042:
    case 1043:
      return `(${modifier - 4})`;
    case 1700: {
      const scale = (modifier - 4) & 0x7ff;
      return `(${((modifier - 4) >> 16) & 0xffff},${scale > 1_023 ? scale - 2_048 : scale})`;
    }
    case 1083:
    case 1114:
    case 1184:
    case 1266:
    case 1560:
    case 1562:
      return `(${modifier})`;
    default:
      return '';
  }
}
