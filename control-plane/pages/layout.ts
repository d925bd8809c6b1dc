import { type Html, html } from './html.ts';

export interface PageParts {
  readonly title: string;
  /** Names the part of pages.js that runs. */
  readonly name: string;
  /** `narrow` for one question, `wide` for lists. */
  readonly width: 'narrow' | 'wide';
  /** Who is signed in, for the head of the page. */
  readonly person: { readonly email: string; readonly isAdmin: boolean } | null;
  readonly body: Html;
}

/** A whole page: head, skip link, banner, main, and the one status region that the script speaks through. */
export function renderPage({ title, name, width, person, body }: PageParts): string {
  return `<!doctype html>\n${
    html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · DAAM</title>
<link rel="stylesheet" href="/assets/pages.css">
<link rel="icon" href="data:,">
<script type="module" src="/assets/pages.js"></script>
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="banner">
<a class="brand" href="/"><span class="mark" aria-hidden="true"></span>DAAM</a>
${person === null ? null : banner(person, name)}
</header>
<main id="main" class="${width}" data-page="${name}" tabindex="-1">
${width === 'wide' ? news : null}
${body}
${width === 'narrow' ? news : null}
<noscript><p class="problem">Passkeys need JavaScript. Allow it for this site and reload the page.</p></noscript>
</main>
</body>
</html>`.text
  }\n`;
}

/** Where the script says what happens: above lists, below a question. */
const news = html`<p id="status" class="status" role="status"></p>
<div id="problem" class="problem" role="alert" hidden></div>`;

function banner({ email, isAdmin }: NonNullable<PageParts['person']>, name: string): Html {
  const link = (href: string, page: string, text: string) =>
    name === page
      ? html`<a href="${href}" aria-current="page">${text}</a>`
      : html`<a href="${href}">${text}</a>`;
  return html`<nav aria-label="Main">
${link('/account', 'account', 'Account')}
${isAdmin ? link('/admin/passkeys', 'approvals', 'Approvals') : null}
</nav>
<span class="who">${email}</span>
<button type="button" class="quiet" data-action="sign-out">Sign out</button>`;
}

/** The button that starts a ceremony; hidden until the browser is known to be able to. */
export function passkeyButton(text: string): Html {
  return html`<button type="button" class="primary" data-action="passkey">${text}</button>`;
}
