/**
 * Blocks for connected databases in the files of libpq: services (pg_service.conf) and passwords (.pgpass). A change is
 * shown before it is made, is made only to the file that was looked at, and replaces it as a whole.
 */
import { createHash, randomUUID } from 'node:crypto';
import { lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Secret } from '@daam/shared/base/secret';
import { AppError } from '@daam/shared/errors/app-error';
import { passwordFileLine, serviceName, serviceSection } from '../../ipc/connection-texts.ts';
import type { ClientFileChange, LocalAddress, Params } from '../../ipc/schema.ts';
import { type BlockChange, changeBlock } from './managed-block.ts';

const maxFileBytes = 1024 * 1024;
/** What is shown in place of the password. */
const stars = '********';

export interface ClientFilesOptions {
  /** The person's home folder. */
  readonly home: string;
  readonly platform: NodeJS.Platform;
  /** Null: local ports ask for none, and no password file is written. */
  readonly password: () => Promise<Secret | null>;
}

type Asked = Params<'previewClientFile'>;

interface Found {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  readonly basis: string;
}

export class ClientFiles {
  readonly #options: ClientFilesOptions;

  constructor(options: ClientFilesOptions) {
    this.#options = options;
  }

  /** `address` null: not connected, and then a block can only be taken out. */
  async preview(asked: Asked, address: LocalAddress | null): Promise<ClientFileChange> {
    const found = await this.#read(asked.file);
    return show(asked.file, found, await this.#change(found, asked, address));
  }

  /** Writes what `preview` showed; CONFLICT when the file is another one by now. */
  async write(
    asked: Asked & { readonly basis: string },
    address: LocalAddress | null,
  ): Promise<ClientFileChange> {
    const found = await this.#read(asked.file);
    if (found.basis !== asked.basis) {
      throw new AppError('CONFLICT', {
        message: 'The file was changed meanwhile.',
        hint: 'Look at the change again.',
      });
    }
    const change = await this.#change(found, asked, address);
    if (change.text !== found.text) {
      // A password file that others can read is not used by libpq, and one that holds a password must not be.
      await replace(found.path, change.text, asked.file === 'password' ? 0o600 : found.mode);
    }
    return show(asked.file, found, change);
  }

  async #change({ text }: Found, asked: Asked, address: LocalAddress | null): Promise<BlockChange> {
    const { file, want, database } = asked;
    if (want === 'absent') return changeBlock(text, database, null);
    if (address === null) throw new AppError('CONFLICT', { message: 'Connect to the database first.' });
    if (file === 'service') return changeBlock(text, database, serviceLines(text, database, address));
    const password = await this.#options.password();
    if (password === null) {
      throw new AppError('CONFLICT', {
        message: 'Local ports ask for no password, so there is none to write.',
        hint: 'Switch the password on first.',
      });
    }
    const line = passwordFileLine(address, password.reveal());
    if (line === null) throw unsayable();
    return changeBlock(text, database, [line]);
  }

  async #read(file: Asked['file']): Promise<Found> {
    const path = this.#path(file);
    const stat = await lstat(path).catch((thrown: unknown) => {
      if (isMissing(thrown)) return null;
      throw thrown;
    });
    if (stat === null) return { path, text: '', mode: 0o600, basis: digest('') };
    // Replacing a link would cut it off from what it leads to, and writing through it could be made to lead anywhere.
    const uid = process.getuid?.();
    if (!stat.isFile() || (uid !== undefined && stat.uid !== uid)) {
      throw new AppError('UNSUPPORTED', {
        message: `${path} is not a plain file of yours.`,
        hint: 'Copy the text in its place.',
      });
    }
    if (stat.size > maxFileBytes) throw new AppError('TOO_LARGE', { message: `${path} is too long.` });
    const bytes = await readFile(path);
    const text = bytes.toString('utf8');
    if (!Buffer.from(text, 'utf8').equals(bytes)) {
      throw new AppError('UNSUPPORTED', {
        message: `${path} is not in UTF-8.`,
        hint: 'Copy the text in its place.',
      });
    }
    return { path, text, mode: stat.mode & 0o777, basis: digest(text) };
  }

  /** PostgreSQL docs, 34.16 and 34.17. */
  #path(file: Asked['file']): string {
    const { home, platform } = this.#options;
    if (platform !== 'win32') return join(home, file === 'service' ? '.pg_service.conf' : '.pgpass');
    const folder = join(home, 'AppData', 'Roaming', 'postgresql');
    return join(folder, file === 'service' ? '.pg_service.conf' : 'pgpass.conf');
  }
}

function serviceLines(text: string, database: string, address: LocalAddress): readonly string[] {
  const section = serviceSection(address);
  if (section === null) throw unsayable();
  // libpq takes the first section of a name: another one before ours would be used in its place.
  const others = changeBlock(text, database, null)
    .text.split(/\r?\n/)
    .map((line) => line.trim());
  if (others.includes(`[${serviceName(address.database)}]`)) {
    throw new AppError('CONFLICT', {
      message: `The file has a service "${serviceName(address.database)}" of its own.`,
      hint: 'Give that one another name, or copy the text in its place.',
    });
  }
  return section.split('\n');
}

function unsayable(): AppError {
  return new AppError('UNSUPPORTED', {
    message: 'The name of the database cannot be written in this file.',
    hint: 'Use another format.',
  });
}

function show(file: Asked['file'], { path, basis }: Found, change: BlockChange): ClientFileChange {
  const { removed, added, otherLines } = change;
  const isSame = removed.join('\n') === added.join('\n');
  const shown = (lines: readonly string[]): string[] =>
    isSame ? [] : lines.map((line) => (file === 'service' ? line : veil(line)));
  return { path, removed: shown(removed), added: shown(added), otherLines, basis };
}

/** A line of a password file without what comes after its four names, which may be a password of before. */
function veil(line: string): string {
  if (line.startsWith('#')) return line;
  return `${/^(?:(?:[^\\:]|\\.)*:){4}/.exec(line)?.[0] ?? ''}${stars}`;
}

async function replace(path: string, text: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = join(dirname(path), `.daam-${randomUUID()}`);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.chmod(mode);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown as NodeJS.ErrnoException).code === 'ENOENT';
}
