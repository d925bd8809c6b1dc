import { html } from './html.ts';
import { renderPage } from './layout.ts';

/** Shows one decision or several, filled in by the script, and asks for the touch that makes them. */
export const decisionPage = renderPage({
  title: 'Decide on a request',
  name: 'decision',
  width: 'narrow',
  person: null,
  body: html`<h1>Decide on a request</h1>
<section data-step="decide" hidden aria-labelledby="what">
<h2 id="what" tabindex="-1" data-fact="heading"></h2>
<div data-each="decision"></div>
<template data-template="decision">
<h3 data-has="place" data-fact="place"></h3>
<dl class="facts">
<dt>Who</dt><dd data-fact="requester"></dd>
<dt>Database</dt><dd data-fact="database"></dd>
<dt><span data-when="approve">Gives</span><span data-when="deny">Asks for</span></dt>
<dd><ul class="plain" data-list="gives"></ul></dd>
<dt>Window</dt><dd data-fact="window"></dd>
<dt>Reason</dt><dd data-fact="reason"></dd>
<dt data-has="ticket">Ticket</dt><dd data-has="ticket" data-fact="ticket"></dd>
<dt data-has="note">Your note</dt><dd data-has="note" data-fact="note"></dd>
</dl>
<div data-when="changed">
<h3>You changed it. What was asked for:</h3>
<ul class="plain" data-list="asked"></ul>
</div>
</template>
<p data-fact="signs"></p>
<div class="actions"><button type="button" class="primary" data-action="passkey" data-fact="button"></button>
<button type="button" data-action="refuse">Cancel</button></div>
</section>`,
});
