/** The export of the audit in a browser at the control plane's address: its stream becomes a file. */
import type { ExportQuery } from '@daam/shared/api/routes/audit';
import { errorBody } from '@daam/shared/api/schemas';
import { AppError } from '@daam/shared/errors/app-error';

export type ExportAsked = Partial<ExportQuery>;

/** Saves the export; its file name. Failures are the control plane's AppErrors. */
export async function downloadExport(asked: ExportAsked, now = new Date()): Promise<string> {
  const response = await fetch(`/api/v1/audit/export?${exportParameters(asked)}`, {
    credentials: 'same-origin',
    redirect: 'error',
    headers: { 'daam-console': '1' },
  }).catch((cause: unknown) => {
    throw new AppError('CONTROL_PLANE_UNAVAILABLE', { cause });
  });
  if (!response.ok) throw await failureOf(response);
  // The browser keeps a large one on its disk; a stream that breaks off rejects here, so that no half file is saved.
  const blob = await response.blob();
  const name = exportFileName(asked, now);
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  return name;
}

/** The query of the route; what is not given is left out. */
export function exportParameters(asked: ExportAsked): string {
  const entries = Object.entries(asked).flatMap(([key, value]) =>
    typeof value === 'string' && value !== '' ? [[key, value]] : [],
  );
  return new URLSearchParams(entries).toString();
}

/** `daam-audit-2026-05-02T12-00-00Z.jsonl`: a name that every file system takes. */
export function exportFileName({ format = 'jsonl' }: ExportAsked, now: Date): string {
  return `daam-audit-${now.toISOString().slice(0, 19).replaceAll(':', '-')}Z.${format}`;
}

/** The same export by the command line. */
export function exportCommand(asked: ExportAsked): string {
  const flags = Object.entries(asked).flatMap(([key, value]) =>
    typeof value === 'string' && value !== '' ? [`--${key} ${quoted(value)}`] : [],
  );
  return ['daam audit export', ...flags, '--output audit.jsonl'].join(' ');
}

/** As a POSIX shell reads it: nothing in it means anything. */
function quoted(value: string): string {
  return /^[\w.:-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

async function failureOf(response: Response): Promise<AppError> {
  const { data } = errorBody.safeParse(await response.json().catch(() => null));
  if (data === undefined)
    return new AppError('CONTROL_PLANE_UNAVAILABLE', { detail: `HTTP ${response.status}` });
  const { code, message, hint } = data.error;
  return new AppError(code, hint === undefined ? { message } : { message, hint });
}
