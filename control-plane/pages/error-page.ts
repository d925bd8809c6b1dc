import type { AppError } from '@daam/shared/errors/app-error';
import { html } from './html.ts';
import { renderPage } from './layout.ts';

/** What a browser sees of a page that failed: the public words, and the id that the log knows it by. */
export function errorPage(error: AppError, requestId: string): string {
  return renderPage({
    title: 'This did not work',
    name: 'error',
    width: 'narrow',
    person: null,
    body: html`<h1>This did not work</h1>
${error.code === 'INVALID_INPUT' ? html`<p>This address is not one that the app makes. Start again in the app.</p>` : null}
<p>${error.message}</p>
${error.hint === undefined ? null : html`<p>${error.hint}</p>`}
<p class="small">${error.code} · request <code>${requestId}</code></p>`,
  });
}
