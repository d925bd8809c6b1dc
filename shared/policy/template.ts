import type { FilterScalar } from './effective-policy.ts';

/** What the control plane knows of a person beyond who they are: scalars or lists of scalars. */
export type UserAttributes = Readonly<Record<string, unknown>>;

const shape = /^\{\{\s*user\.attributes\.([A-Za-z_][A-Za-z0-9_]{0,62})\s*\}\}$/;

/** True for a text that tries to be a template, well written or not. */
export function looksLikeTemplate(text: string): boolean {
  return text.includes('{{') || text.includes('}}');
}

/** True for `{{user.attributes.name}}`. */
export function isTemplate(text: string): boolean {
  return shape.test(text);
}

/**
 * What a filter's value stands for with these attributes: a list of one or more scalars, `null` when an
 * attribute is missing or is not made of scalars. Values without a template are returned as they are.
 */
export function expandTemplate(text: string, attributes: UserAttributes): readonly FilterScalar[] | null {
  const found = shape.exec(text);
  if (found === null) return [text];
  const name = found[1] ?? '';
  if (!Object.hasOwn(attributes, name)) return null;
  const value = attributes[name];
  const values: unknown[] = Array.isArray(value) ? value : [value];
  if (values.length === 0 || !values.every(isScalar)) return null;
  return values;
}

function isScalar(value: unknown): value is FilterScalar {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'string') return !value.includes('\u0000') && value.isWellFormed();
  return typeof value === 'boolean';
}
