/** What one side of a conflict says, in words (shared/policy/document-parts.ts has the shapes). */
import type { MergeConflict } from '@daam/shared/api/policies';
import { describeFilter } from '@daam/shared/policy/document-parts';
import type { DocumentFilter, DocumentMask } from '@daam/shared/policy/document-parts';

export type ConflictSide = 'base' | 'mine' | 'theirs';

export function sideWords(conflict: MergeConflict, side: ConflictSide): string {
  const { part } = conflict;
  const value = conflict[side];
  const isThere = value !== null && value !== undefined;
  switch (part) {
    case 'policy':
      return isThere ? 'kept' : 'not there';
    case 'grants':
      return Array.isArray(value) && value.length > 0 ? value.join(', ') : 'nothing granted';
    case 'masks':
      return isThere ? (value as readonly DocumentMask[]).map(maskWords).join(' and ') : 'clear';
    case 'rowFilters':
      return isThere
        ? `rows where ${(value as readonly DocumentFilter[]).map(describeFilter).join(' and ')}`
        : 'all rows';
    case 'limits':
      return isThere ? JSON.stringify(value) : 'no limit';
    case 'users':
    case 'groups':
      break;
  }
  return isThere ? 'assigned' : 'not assigned';
}

function maskWords({ preset, match }: DocumentMask): string {
  const mask = preset === 'null' ? 'hidden' : preset;
  return match === undefined ? mask : `${mask}, match ${match}`;
}

const partWords: Readonly<Record<MergeConflict['part'], string>> = {
  policy: 'the whole policy',
  grants: 'operations',
  masks: 'mask',
  rowFilters: 'rows',
  limits: 'limit',
  users: 'person',
  groups: 'group',
};

/** What it is about, within its table: `mask of email`, `operations`. */
export function placeWords({ part, key }: MergeConflict): string {
  if (part === 'masks') return `mask of ${key.slice(key.lastIndexOf('.') + 1)}`;
  if (part === 'grants' || part === 'rowFilters' || key === '') return partWords[part];
  return `${partWords[part]} ${key}`;
}

/** The table that a conflict is of, or what stands for one: `support · public.customers`. */
export function tableOf({ policy, part, key }: MergeConflict): string {
  if (part === 'masks') return `${policy} · ${key.slice(0, key.lastIndexOf('.'))}`;
  return part === 'grants' || part === 'rowFilters' ? `${policy} · ${key}` : policy;
}
