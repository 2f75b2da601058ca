import { createHash } from 'node:crypto';
import type { RestResponse } from './http';
import { SCRIPT } from './page-script';

const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; }
label { display: block; }
input, button { font: inherit; padding: .3rem .6rem; }
table { border-collapse: collapse; margin-top: 1rem; width: 100%; }
caption { text-align: left; }
th, td { border-bottom: 1px solid; overflow-wrap: anywhere; padding: .4rem .6rem .4rem 0; text-align: left; vertical-align: top; }
.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
.breaking th, .breaking td { font-style: italic; }
#alert { font-weight: bold; }
#alert:not(:empty)::before { content: "\\26A0  "; }
`;

const HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Locks</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Locks</h1>
<form id="access">
<div>
<label for="key">Key</label>
<input id="key" type="password" autocomplete="off" required aria-describedby="about-key">
</div>
<button type="submit">Show the locks</button>
<button type="button" id="forget" hidden>Forget the key</button>
</form>
<p id="about-key">The key stays in this tab, and is gone when it is closed.</p>
<p id="status" role="status"></p>
<p id="alert" role="alert"></p>
<table id="locks" hidden>
<caption>Who holds what. The time that remains is what is left if nobody renews the lease.</caption>
<thead><tr><th scope="col">Lock</th><th scope="col">Holder</th><th scope="col">Remains</th><th scope="col">Lease</th><th scope="col">Break</th></tr></thead>
<tbody id="rows"></tbody>
</table>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** A page without anything from elsewhere: what is not in it does not run. */
export const page = (): RestResponse => ({
  statusCode: 200,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'content-security-policy': [
      "default-src 'none'", `script-src ${hashOf(SCRIPT)}`, `style-src ${hashOf(STYLE)}`, "connect-src 'self'",
      "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
    ].join('; '),
  },
  body: HTML,
});
