import type { DatabaseAccess } from '../../ipc/schema.ts';

/** What the person gets, in words, so that stars later surprise nobody: "analyst v12 · 2 masked columns · read only". */
export function accessWords(access: DatabaseAccess): string {
  return [
    ...access.policies.map(policyWords),
    maskWords(access.maskedColumns),
    operationWords(access.operations),
  ]
    .filter((words) => words !== null)
    .join(' · ');
}

function policyWords({ name, version }: DatabaseAccess['policies'][number]): string {
  return version === null ? name : `${name} v${version}`;
}

function maskWords(columns: number | null): string | null {
  if (columns === null) return null;
  if (columns === 0) return 'nothing masked';
  return columns === 1 ? '1 masked column' : `${columns} masked columns`;
}

function operationWords(operations: DatabaseAccess['operations']): string | null {
  if (operations === null) return null;
  if (operations.length === 0) return 'no tables granted';
  const writes = operations.filter((operation) => operation !== 'select');
  if (writes.length === 0) return 'read only';
  const can = writes.length === 3 ? 'write' : writes.join(', ');
  return operations.includes('select') ? `read, ${can}` : can;
}
