/**
 * Ends the programs that this process started if this process is gone without having ended them itself, for example
 * by SIGKILL. A shell holds the list of their ids; its standard input ends when this process does.
 */
import { type ChildProcess, spawn } from 'node:child_process';

const script = `
pids=''
while read -r verb pid; do
  case "$verb" in
    add) pids="$pids $pid" ;;
    drop) kept=''; for p in $pids; do [ "$p" = "$pid" ] || kept="$kept $p"; done; pids="$kept" ;;
  esac
done
[ -z "$pids" ] && exit 0
kill -TERM $pids 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10; do sleep 1; kill -0 $pids 2>/dev/null || exit 0; done
kill -KILL $pids 2>/dev/null
`;

/** Watches over process ids until disposed. */
export class Guardian implements Disposable {
  readonly #shell: ChildProcess;

  constructor() {
    this.#shell = spawn('/bin/sh', ['-c', script, 'daam-dev-guardian'], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.#shell.on('error', () => {});
    this.#shell.stdin?.on('error', () => {});
    this.#shell.unref();
  }

  /** The process goes when this one goes. */
  add(pid: number): void {
    this.#shell.stdin?.write(`add ${pid}\n`);
  }

  /** The process ended; its id may be given to another. */
  drop(pid: number): void {
    this.#shell.stdin?.write(`drop ${pid}\n`);
  }

  [Symbol.dispose](): void {
    this.#shell.kill('SIGKILL');
  }
}
