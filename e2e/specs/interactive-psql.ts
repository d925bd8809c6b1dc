/** psql as a person sits in front of it: one session, line after line. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';

/** An interactive psql whose output and errors come in one stream. */
export class Psql {
  readonly #child: ChildProcessWithoutNullStreams;
  #output = '';
  /** What came in answer to the lines before. */
  #before = '';
  #asked = 0;

  constructor(dsn: string) {
    const args = ['-X', '-A', '-t', '-q', '-v', 'VERBOSITY=verbose', dsn];
    this.#child = spawn('sh', ['-c', 'exec psql "$@" 2>&1', 'sh', ...args]);
    this.#child.stdout.on('data', (chunk: Buffer) => {
      this.#output += chunk.toString();
    });
  }

  /** Everything that psql printed for these lines. */
  async ask(lines: string): Promise<string> {
    this.#asked += 1;
    const marker = `--- ${this.#asked} ---`;
    this.#before = this.#output;
    this.#output = '';
    this.#child.stdin.write(`${lines}\n\\echo '${marker}'\n`);
    while (!this.#output.includes(marker)) {
      if (this.#child.exitCode !== null) throw new Error(`psql ended: ${this.#before}${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return this.#output.slice(0, this.#output.indexOf(marker)).trim();
  }

  get isOver(): boolean {
    return this.#child.exitCode !== null;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.stdin.end('\\q\n');
    await once(this.#child, 'exit');
  }
}
