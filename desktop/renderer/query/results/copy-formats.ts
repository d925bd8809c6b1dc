import type { CopyFormat } from '../../../ipc/schema.ts';

export const copyFormatLabels: readonly { readonly id: CopyFormat; readonly label: string }[] = [
  { id: 'tsv', label: 'Tab-separated' },
  { id: 'csv', label: 'CSV' },
  { id: 'json', label: 'JSON' },
  { id: 'markdown', label: 'Markdown table' },
  { id: 'insert', label: 'INSERT statements' },
  { id: 'in-list', label: "IN ('…', '…') list" },
];
