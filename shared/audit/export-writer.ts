import { createHash } from 'node:crypto';
import { canonicalJson } from '../base/canonical-json.ts';
import type { AuditRecord } from './chain.ts';
import { type ExportItem, sealEvery } from './export-format.ts';
import type { AuditClaims, Signed } from './signature.ts';

/** What an `ExportWriter` needs to seal. */
export interface ExportWriterOptions {
  readonly org: string;
  /** The export's own id. */
  readonly export: string;
  readonly sign: (claims: AuditClaims<'seal'>) => Signed<AuditClaims<'seal'>>;
}

/**
 * Writes an export line by line: numbers the lines, keeps the digest of all bytes, puts in a seal after every
 * `sealEvery` lines and one at the end. Each call answers text that ends in a line feed.
 */
export class ExportWriter {
  readonly #options: ExportWriterOptions;
  readonly #digest = createHash('sha256');
  #lines = 0;
  #sealed = 0;

  constructor(options: ExportWriterOptions) {
    this.#options = options;
  }

  /** Lines so far. */
  get lines(): number {
    return this.#lines;
  }

  /** Any line. */
  item({ type, ...members }: ExportItem): string {
    const text = this.#line(`"type":"${type}",${canonicalJson(members).slice(1)}`);
    // What all lines after it are checked by is sealed by itself, so that a fault is named at its own line.
    return (type === 'header' || type === 'stream') && !this.#isSealed ? text + this.#seal(false) : text;
  }

  /** A record; the same as `item`, without the copies. */
  record(record: AuditRecord): string {
    return this.#line(`"type":"record","record":${canonicalJson(record)}}`);
  }

  /** The last line. */
  end(): string {
    return this.#seal(true);
  }

  get #isSealed(): boolean {
    return this.#sealed === this.#lines;
  }

  #line(rest: string): string {
    this.#lines += 1;
    const text = `{"line":${this.#lines},${rest}\n`;
    this.#digest.update(text);
    return this.#lines - this.#sealed >= sealEvery ? text + this.#seal(false) : text;
  }

  #seal(isLast: boolean): string {
    const { org, export: id, sign } = this.#options;
    const digest = this.#digest.copy().digest('hex');
    const claims = { digest, export: id, isLast, line: this.#lines + 1, org };
    this.#lines += 1;
    this.#sealed = this.#lines;
    const text = `{"line":${this.#lines},"type":"seal",${canonicalJson(sign(claims)).slice(1)}\n`;
    this.#digest.update(text);
    return text;
  }
}
