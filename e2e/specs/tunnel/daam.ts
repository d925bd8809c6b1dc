/** The command `daam` on a device of its own: its state is in a folder that goes with the test. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeviceCertificate } from '@daam/shared/identity/claims';
import type { Outcome } from '../tools.ts';
import { Child, root } from './children.ts';

const main = join(root, 'desktop', 'cli', 'main.ts');

export class Device implements AsyncDisposable {
  /** DAAM_HOME. */
  readonly home = mkdtempSync(join(tmpdir(), 'daam-device-'));
  readonly #children: Child[] = [];

  /** Starts a command; `input` becomes its standard input, which is empty without. */
  start(args: readonly string[], input = ''): Child {
    const env = { DAAM_HOME: this.home, DAAM_SECRET_STORE: 'file' };
    const child = new Child([process.execPath, main, ...args], { env, input });
    this.#children.push(child);
    return child;
  }

  /** Runs a command to its end. */
  async run(args: readonly string[], input = ''): Promise<Outcome> {
    const child = this.start(args, input);
    const { code, output } = await child.ended();
    return { code: code ?? -1, stdout: output, stderr: child.errors };
  }

  /** What a statement answers, by `daam psql`; an Error with what was said instead. */
  async ask(sql: string, database = 'shop'): Promise<string> {
    const { code, stdout, stderr } = await this.run(['psql', database, '--', '-XAtqc', sql]);
    if (code !== 0) throw new Error(`daam psql: ${stderr}`);
    return stdout.trim();
  }

  /** The device certificate that is held, without a look at its signature. */
  get certificate(): DeviceCertificate {
    const held = JSON.parse(readFileSync(join(this.home, 'certificate.json'), 'utf8')) as {
      readonly certificate: string;
    };
    const claims = Buffer.from(held.certificate.split('.')[1] ?? '', 'base64url').toString();
    return JSON.parse(claims) as DeviceCertificate;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) await child[Symbol.asyncDispose]();
    rmSync(this.home, { recursive: true, force: true });
  }
}
