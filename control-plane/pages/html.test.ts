import { describe, expect, it } from 'vitest';
import { escapeHtml, html } from './html.ts';

describe('html', () => {
  it('escapes every value, in text and in attributes', () => {
    const hostile = `<img src=x onerror="a('b')">&amp;`;
    const { text } = html`<p title="${hostile}">${hostile}</p>`;
    const safe = '&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt;&amp;amp;';
    expect(text).toBe(`<p title="${safe}">${safe}</p>`);
    expect(escapeHtml(hostile)).toBe(safe);
  });

  it('takes what it made itself as it is, alone and in lists, and nothing for null', () => {
    const items = ['a', '<b>'].map((item) => html`<li>${item}</li>`);
    expect(html`<ul>${items}</ul>${null}${html`<hr>`}${7}`.text).toBe(
      '<ul><li>a</li><li>&lt;b&gt;</li></ul><hr>7',
    );
  });
});
