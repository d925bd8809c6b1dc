import { createHash } from 'node:crypto';

/** What the browser shows when it is back at this machine. Fixed texts only: nothing of a request is in a page. */
export type EndPageKind = 'code' | 'refused' | 'wrong' | 'unknown';

const pages: Record<EndPageKind, { readonly status: number; readonly title: string; readonly text: string }> =
  {
    code: {
      status: 200,
      title: 'You are back',
      text: 'Signing in continues in the app or terminal where you began. You can close this page.',
    },
    refused: {
      status: 200,
      title: 'Not signed in',
      text: 'Signing in was refused. Nothing was changed. You can close this page.',
    },
    wrong: {
      status: 400,
      title: 'This link does not fit',
      text: 'It does not belong to the sign-in that is waiting here. Begin again in the app or terminal.',
    },
    unknown: {
      status: 404,
      title: 'There is nothing here',
      text: 'Only a sign-in comes back to this address.',
    },
  };

const style = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; }
main { max-width: 32rem; padding: 1.5rem; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
p { margin: 0; }
`;

/** An end page, and the Content-Security-Policy under which it may be shown. */
export interface EndPage {
  readonly status: number;
  readonly html: string;
  readonly policy: string;
}

/** The page as HTML with its HTTP status. It has no script and asks for nothing. */
export function endPage(kind: EndPageKind): EndPage {
  const { status, title, text } = pages[kind];
  const styleHash = createHash('sha256').update(style).digest('base64');
  return {
    status,
    policy: `default-src 'none'; style-src 'sha256-${styleHash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
    html: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – DAAM</title>
<style>${style}</style>
</head>
<body><main><h1>${title}</h1><p>${text}</p></main></body>
</html>
`,
  };
}
