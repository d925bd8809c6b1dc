import type { Handlers } from '../http/call.ts';
import { html } from './html.ts';
import { renderPage } from './layout.ts';

/**
 * The twin of a `daam://` link that works in mails and chats: `/open#request/<id>`. What it names is in the fragment, which
 * browsers send nowhere: this page is the same for everybody, and its script makes both links out of it.
 */
export function openInAppHandlers(): Handlers<'showOpen'> {
  return { showOpen: async () => openPage };
}

const openPage = renderPage({
  title: 'Open in DAAM',
  name: 'open',
  width: 'narrow',
  person: null,
  body: html`<h1>Open in DAAM</h1>
<section data-step="choose" hidden>
<p tabindex="-1">This link leads to <span data-fact="what"></span>:</p>
<p><code data-fact="name"></code></p>
<p>It only shows a screen. Nothing is run or approved by it.</p>
<div class="actions"><a class="button primary" data-link="app">Open in the desktop app</a>
<a class="button" data-link="console">Stay in the browser</a></div>
<p class="small">Nothing happens? The desktop app is not installed here, or your browser asked and was told no.</p>
</section>
<section data-step="unknown" hidden>
<p tabindex="-1">This link leads to no screen of DAAM. Ask whoever sent it for another one.</p>
</section>`,
});
