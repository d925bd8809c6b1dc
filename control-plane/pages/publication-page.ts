import { html } from './html.ts';
import { renderPage } from './layout.ts';

/** Shows one publication of policies, filled in by the script, and asks for the touch that makes it. */
export const publicationPage = renderPage({
  title: 'Publish policies',
  name: 'publication',
  width: 'narrow',
  person: null,
  body: html`<h1>Publish policies</h1>
<section data-step="publish" hidden aria-labelledby="what">
<h2 id="what" tabindex="-1">Put these policies of <span data-fact="database"></span> in force?</h2>
<dl class="facts">
<dt>Follows</dt><dd data-fact="base"></dd>
<dt>Changes</dt><dd><ul class="plain" data-list="changes"></ul></dd>
<dt data-has="comment">Why</dt><dd data-has="comment" data-fact="comment"></dd>
<dt data-has="proposedBy">Proposed by</dt><dd data-has="proposedBy" data-fact="proposedBy"></dd>
</dl>
<p>Your passkey signs this document, over this revision and no other. Continue only if you started it yourself.</p>
<div class="actions"><button type="button" class="primary" data-action="passkey">Publish with a passkey</button>
<button type="button" data-action="refuse">Cancel</button></div>
</section>`,
});
