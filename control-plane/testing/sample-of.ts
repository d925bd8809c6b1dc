import { z } from 'zod';

/**
 * A value that a schema takes, made up from its JSON Schema: for tests that call every route with a body that gets past
 * parsing. `uuidFor` says which id stands in a property that takes one.
 */
export interface SampleOptions {
  readonly uuidFor: (property: string) => string;
}

interface JsonSchema {
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
}

/** Values that the schema takes: with all optional properties, with one each, and with none. Empty when it finds none. */
export function samplesOf(schema: z.ZodType, options: SampleOptions): readonly unknown[] {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const candidates = (json.anyOf ?? json.oneOf ?? [json]).flatMap((branch) => candidatesOf(branch, options));
  return candidates.filter((candidate) => schema.safeParse(candidate).success);
}

function candidatesOf(json: JsonSchema, options: SampleOptions): readonly unknown[] {
  const at = { ...options, property: '' };
  if (json.type !== 'object') return [sample(json, at)];
  const required = json.required ?? [];
  const optional = Object.keys(json.properties ?? {}).filter((name) => !required.includes(name));
  return [optional, ...optional.map((name) => [name]), []].map((names) =>
    object(json, at, [...required, ...names]),
  );
}

interface At extends SampleOptions {
  /** The nearest name around the value. */
  readonly property: string;
}

function sample(json: JsonSchema, at: At): unknown {
  if ('const' in json) return json.const;
  if (json.enum !== undefined) return json.enum[0];
  const branch = json.anyOf?.[0] ?? json.oneOf?.[0] ?? json.allOf?.[0];
  if (branch !== undefined) return sample(branch, at);
  switch (json.type) {
    case 'object':
      return object(json, at, Object.keys(json.properties ?? {}));
    case 'array':
      return [sample(json.items ?? {}, at)];
    case 'string':
      return text(json, at);
    case 'integer':
    case 'number':
      return Math.max(1, json.minimum ?? 1);
    case 'boolean':
      return true;
    case undefined:
    default:
      return null;
  }
}

function object(json: JsonSchema, at: At, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    names.map((name) => [name, sample(json.properties?.[name] ?? {}, { ...at, property: name })]),
  );
}

const words = [
  'x',
  'select',
  'public.x',
  `${'F'.repeat(42)}A`,
  'AAAA',
  '1',
  'a-b',
  'https://example.com/x',
  'a'.repeat(64),
];

function text({ format, pattern = '', minLength = 0 }: JsonSchema, { property, uuidFor }: At): string {
  switch (format) {
    case 'uuid':
      return uuidFor(property);
    case 'email':
      return 'new@example.com';
    case 'date-time':
      return '2030-01-01T00:00:00.000Z';
    case 'uri':
      return 'https://example.com/x';
    case undefined:
    default: {
      const expression = new RegExp(pattern, 'u');
      return words.find((word) => word.length >= minLength && expression.test(word)) ?? 'x';
    }
  }
}
