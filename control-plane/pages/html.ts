/** HTML that is safe to send: made by `html` alone, which escapes whatever is put into it. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Piece = string | number | Html | null | readonly Html[];

/** A template whose values are escaped for text and for quoted attributes; `null` is nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Piece[]): Html {
  const pieces = strings.map(
    (text, index) => text + (index < values.length ? pieceText(values[index] ?? null) : ''),
  );
  return new Html(pieces.join(''));
}

function pieceText(value: Piece): string {
  if (value === null) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(({ text }) => text).join('');
  return escapeHtml(String(value));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes text for HTML content and for attributes in quotes. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
