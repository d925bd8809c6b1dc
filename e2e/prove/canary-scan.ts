/** Finds canaries in bytes, in every form in which PostgreSQL or a client can dress them up without a key. */
import { markerOf, type WorldSeed } from './world/values.ts';

/** The name of a form and the bytes that give it away. */
interface Sign {
  readonly form: string;
  readonly bytes: Buffer;
}

/** Looks for the canaries of the given worlds. */
export class CanaryScan {
  readonly #signs: readonly Sign[];
  /** Bytes looked at so far. */
  scanned = 0;

  constructor(worlds: readonly WorldSeed[]) {
    this.#signs = worlds.flatMap((world) => signsOf(markerOf(world)));
  }

  /** The forms that were found, each once; empty when all is well. */
  find(bytes: Buffer): readonly string[] {
    this.scanned += bytes.length;
    const lower = Buffer.from(bytes.toString('latin1').toLowerCase(), 'latin1');
    const isIn = ({ form, bytes: sign }: Sign): boolean =>
      (form.startsWith('base64') || form === 'raw' ? bytes : lower).includes(sign);
    return [...new Set(this.#signs.filter(isIn).map(({ form }) => form))];
  }
}

function signsOf(marker: string): Sign[] {
  const text = Buffer.from(marker);
  const raw = Buffer.from(marker, 'hex');
  const reversed = Buffer.from(text.toReversed());
  const group = (at: number, length: number): string => marker.slice(at, at + length);
  return [
    { form: 'plain', bytes: text },
    { form: 'uuid', bytes: Buffer.from(`${group(0, 8)}-${group(8, 4)}-${group(12, 4)}`) },
    { form: 'reversed', bytes: reversed },
    { form: 'hex', bytes: Buffer.from(text.toString('hex')) },
    { form: 'reversed hex', bytes: Buffer.from(reversed.toString('hex')) },
    { form: 'hex backwards', bytes: Buffer.from(Buffer.from(text.toString('hex')).toReversed()) },
    { form: 'escape', bytes: Buffer.from([...text].map((byte) => `\\${byte.toString(8)}`).join('')) },
    { form: 'utf-16', bytes: Buffer.from(marker, 'utf16le') },
    { form: 'spaced', bytes: Buffer.from(Array.from(marker).join(' ')) },
    { form: 'listed', bytes: Buffer.from(Array.from(marker).join(',')) },
    { form: 'raw', bytes: raw },
    ...base64Signs('base64', text),
    ...base64Signs('base64 of raw', raw),
  ];
}

/** A text inside a longer one has three base64 forms, by where it begins; the characters at the seams are left out. */
function base64Signs(form: string, bytes: Uint8Array): Sign[] {
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const start = Math.ceil((shift * 8) / 6);
    const whole = Math.floor(((shift + bytes.length) * 8) / 6);
    return { form, bytes: Buffer.from(encoded.slice(start, whole)) };
  });
}
