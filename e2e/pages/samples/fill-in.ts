/**
 * A whole answer of a route from the part of it that a sample says: what is left out gets the emptiest value that the
 * contract allows. A field that a contract gains needs no change of the samples.
 */
import type { z } from 'zod';

/** Texts for fields that a pattern or a format narrows, tried in turn. */
const texts = [
  'text',
  '2030-01-15T09:41:00.000Z',
  '0b0f3c1e-8d1c-4c57-9f6e-1f6a2d7c1a00',
  'dev@example.com',
  'https://daam.example.com/',
  'A'.repeat(43),
  '0'.repeat(16),
  '0'.repeat(64),
  '127.0.0.1',
  'public.customers',
  'public.customers.email',
];

interface Inside {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly element?: z.ZodType;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly items?: readonly z.ZodType[];
  readonly entries?: Readonly<Record<string, string>>;
  readonly values?: readonly unknown[];
  readonly getter?: () => z.ZodType;
}

/** Parsed by the schema: a sample that does not fit it throws. */
export function fillIn<Schema extends z.ZodType>(schema: Schema, given?: unknown): z.output<Schema> {
  return schema.parse(filled(schema, given));
}

function filled(schema: z.ZodType, given: unknown): unknown {
  const inside = schema.def as unknown as Inside;
  switch (inside.type) {
    case 'object':
      return filledObject(inside.shape ?? {}, given);
    case 'array':
      return Array.isArray(given) && inside.element !== undefined
        ? given.map((item) => filled(inside.element as z.ZodType, item))
        : [];
    case 'optional':
    case 'default':
    case 'prefault':
      return given === undefined ? undefined : filled(inside.innerType as z.ZodType, given);
    case 'nullable':
      return given === undefined || given === null ? null : filled(inside.innerType as z.ZodType, given);
    case 'readonly':
    case 'catch':
    case 'nonoptional':
      return filled(inside.innerType as z.ZodType, given);
    case 'pipe':
      return filled(inside.in as z.ZodType, given);
    case 'lazy':
      return inside.getter === undefined ? given : filled(inside.getter(), given);
    case 'union':
      return filledUnion(inside.options ?? [], given);
    default:
      return given === undefined ? smallest(schema, inside) : given;
  }
}

function filledObject(shape: Readonly<Record<string, z.ZodType>>, given: unknown): unknown {
  const known = Object(given ?? {}) as Readonly<Record<string, unknown>>;
  const fields = Object.entries(shape).map(([key, field]) => [key, filled(field, known[key])] as const);
  return { ...known, ...Object.fromEntries(fields.filter(([, value]) => value !== undefined)) };
}

function filledUnion(options: readonly z.ZodType[], given: unknown): unknown {
  for (const option of options) {
    const candidate = filled(option, given);
    if (option.safeParse(candidate).success) return candidate;
  }
  return given;
}

function smallest(schema: z.ZodType, inside: Inside): unknown {
  const candidates: readonly unknown[] = [
    ...Object.values(inside.entries ?? {}),
    ...(inside.values ?? []),
    false,
    0,
    1,
    ...texts,
    {},
    [],
    null,
    undefined,
  ];
  return candidates.find((candidate) => schema.safeParse(candidate).success);
}
