import { z } from 'zod';

/** Parameters of one statement that are recorded, and characters of one value and of all. */
export const maxParameters = 200;
const maxValue = 1_000;
const maxAll = 16 * 1024;

/**
 * One bound value as the audit has it. `masked`: withheld, since the statement touches a masked table; `cut`: the
 * beginning of a longer one; `null`: SQL NULL.
 */
export const auditParameter = z.strictObject({
  /** Type that the client declared; 0 where it left that to the server. */
  oid: z.int().min(0),
  state: z.enum(['value', 'cut', 'masked', 'null']),
  /** As PostgreSQL would write it, or `\\x` and hexadecimal for bytes whose type is not known. Null where there is none. */
  value: z.string().max(maxValue).nullable(),
});
export type AuditParameter = z.infer<typeof auditParameter>;

/** What is recorded of the parameters of one statement. */
export interface AuditedParameters {
  readonly parameters: readonly AuditParameter[];
  /** How many more there were. */
  readonly omitted: number;
}

/** A Bind as far as it matters here (shared/pgwire/bind.ts). */
export interface BoundParameters {
  readonly parameterFormats: readonly number[];
  readonly parameters: readonly (Buffer | null)[];
}

/**
 * The record of bound values. With `isMasked` no value is in it: which parameter meets a masked column is not told
 * apart, so none is shown. Never throws, whatever the bytes are: they were not checked by the server yet.
 */
export function auditParameters(
  { parameterFormats, parameters }: BoundParameters,
  { types, isMasked }: { readonly types: readonly number[]; readonly isMasked: boolean },
): AuditedParameters {
  const recorded: AuditParameter[] = [];
  let used = 0;
  for (const [at, bytes] of parameters.entries()) {
    if (recorded.length >= maxParameters || used >= maxAll) break;
    const oid = types[at] ?? 0;
    const isBinary = (parameterFormats.length === 1 ? parameterFormats[0] : parameterFormats[at]) === 1;
    const parameter = recordOf(bytes, { oid, isBinary, isMasked });
    used += parameter.value?.length ?? 0;
    recorded.push(parameter);
  }
  return { parameters: recorded, omitted: parameters.length - recorded.length };
}

function recordOf(
  bytes: Buffer | null,
  {
    oid,
    isBinary,
    isMasked,
  }: { readonly oid: number; readonly isBinary: boolean; readonly isMasked: boolean },
): AuditParameter {
  if (isMasked) return { oid, state: 'masked', value: null };
  if (bytes === null) return { oid, state: 'null', value: null };
  // More bytes than characters that are kept: what is cut away is not looked at.
  const head = bytes.subarray(0, maxValue * 4);
  const isCut = head.length < bytes.length;
  const text = (isBinary ? binaryText(head, oid) : textOf(head, isCut)) ?? hexOf(head);
  if (!isCut && text.length <= maxValue) return { oid, state: 'value', value: text };
  return { oid, state: 'cut', value: text.slice(0, maxValue).replace(/[\ud800-\udbff]$/, '') };
}

function hexOf(bytes: Buffer): string {
  return `\\x${bytes.subarray(0, maxValue).toString('hex')}`;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Null for what is no text: a NUL, bytes that are not UTF-8. A character that a cut split is left out. */
function textOf(bytes: Buffer, isCut = false): string | null {
  const text = decoder.decode(bytes);
  const whole = isCut ? text.replace(/\ufffd{1,3}$/, '') : text;
  return whole.includes('\0') || whole.includes('\ufffd') ? null : whole;
}

type Decode = (bytes: Buffer) => string | null;

function fixed(length: number, decode: (bytes: Buffer) => string): Decode {
  return (bytes) => (bytes.length === length ? decode(bytes) : null);
}

/** Send functions of PostgreSQL (src/backend/utils/adt), for the types that drivers send as binary. */
const decoders: ReadonlyMap<number, Decode> = new Map<number, Decode>([
  [16, fixed(1, (bytes) => (bytes[0] === 0 ? 'f' : 't'))],
  [20, fixed(8, (bytes) => bytes.readBigInt64BE().toString())],
  [21, fixed(2, (bytes) => bytes.readInt16BE().toString())],
  [23, fixed(4, (bytes) => bytes.readInt32BE().toString())],
  [26, fixed(4, (bytes) => bytes.readUInt32BE().toString())],
  [700, fixed(4, (bytes) => String(Number(bytes.readFloatBE().toPrecision(7))))],
  [701, fixed(8, (bytes) => String(bytes.readDoubleBE()))],
  [2950, fixed(16, (bytes) => bytes.toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'))],
  ...[19, 25, 114, 1042, 1043].map((oid) => [oid, (bytes: Buffer) => textOf(bytes)] as const),
  [3802, (bytes) => (bytes[0] === 1 ? textOf(bytes.subarray(1)) : null)],
]);

function binaryText(bytes: Buffer, oid: number): string | null {
  return decoders.get(oid)?.(bytes) ?? null;
}
