/** The file of an export: in a folder of the person's, under a name that nobody chose from outside, never over another file. */
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { AppError } from '@daam/shared/errors/app-error';

const maxTries = 100;

export interface NewFile {
  readonly path: string;
  readonly file: FileHandle;
}

/** Opens `folder/<name>.<ending>`, or the next free `name-2`, …; 0600. INVALID_CONFIG when the folder cannot be used. */
export async function openNewFile(folder: string, name: string, ending: string): Promise<NewFile> {
  if (!isAbsolute(folder)) throw unusable();
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw unusable(cause);
  });
  for (let attempt = 1; attempt <= maxTries; attempt += 1) {
    const path = join(folder, `${name}${attempt === 1 ? '' : `-${attempt}`}.${ending}`);
    try {
      return { path, file: await open(path, 'wx', 0o600) };
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(cause);
    }
  }
  throw new AppError('CONFLICT', { message: 'There are too many files of that name already.' });
}

/** `orders-refunds-2026-11-21T0958`: letters, digits, - and _ only, whatever databases and tables are called. */
export function exportName(parts: readonly string[], at: Date): string {
  const words = parts.map((part) =>
    part
      .normalize('NFKD')
      .replaceAll(/[^A-Za-z0-9_]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 60),
  );
  const minute = at.toISOString().slice(0, 16).replaceAll(':', '');
  return [...words.filter((word) => word !== ''), minute].join('-');
}

function unusable(cause?: unknown): AppError {
  return new AppError('INVALID_CONFIG', {
    field: 'exportFolder',
    message: 'Nothing can be written into the folder for exports.',
    hint: 'Choose another one in the settings.',
    ...(cause === undefined ? {} : { cause }),
  });
}
