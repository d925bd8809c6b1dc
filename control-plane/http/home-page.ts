/** What a person sees who opens the control plane's address. No script, no style, nothing from elsewhere. */
export const homePage = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>DAAM control plane</title></head>
<body>
<main>
<h1>DAAM control plane</h1>
<p>Identity-aware access to PostgreSQL: no database password, masked columns, every statement recorded.</p>
<p>This address is for the desktop app, the <code>daam</code> command, and agents. To get a database on a
local port, use the desktop app or <code>daam connect</code>.</p>
<ul>
<li><a href="/account">My passkeys and devices</a></li>
<li><a href="/api/v1/openapi.json">The API (OpenAPI 3.1)</a></li>
<li><a href="/health">Health</a> and <a href="/ready">readiness</a></li>
</ul>
</main>
</body>
</html>
`;
