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

/** What a template stands for with someone's attributes, or why it stands for nothing (never the value itself). */
export type Expansion =
  | { readonly kind: 'values'; readonly values: readonly FilterScalar[] }
  | { readonly kind: 'problem'; readonly problem: string };

/**
 * What a filter's value stands for with these attributes. A list gives all its scalars, an empty one none; an
 * attribute that is missing or is not made of scalars is a problem. Values without a template are returned as
 * they are.
 */
export function expandTemplate(text: string, attributes: UserAttributes): Expansion {
  const found = shape.exec(text);
  if (found === null) return { kind: 'values', values: [text] };
  const name = found[1] ?? '';
  if (!Object.hasOwn(attributes, name)) {
    return { kind: 'problem', problem: `the attribute ${name} of this user is not set` };
  }
  const value = attributes[name];
  const values: unknown[] = Array.isArray(value) ? value : [value];
  if (!values.every(isScalar)) {
    return {
      kind: 'problem',
      problem: `the attribute ${name} of this user is not a text, number or boolean, or a list of them`,
    };
  }
  return { kind: 'values', values };
}

function isScalar(value: unknown): value is FilterScalar {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'string') return !value.includes('\u0000') && value.isWellFormed();
  return typeof value === 'boolean';
}
