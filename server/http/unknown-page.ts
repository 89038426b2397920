import type { RequestHandler } from 'express';

/** As the Console's pages have it. */
const banner = `<header class="banner"><a class="brand" href="/gateways/modes">
<svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true"><rect width="32" height="32" rx="7" fill="#1b4f8f"/><path d="M6 12 16 6l10 6v2H6zM8 16h3v7H8zm6.5 0h3v7h-3zm6.5 0h3v7h-3zM6 24.5h20V27H6z" fill="#fff"/></svg>
<span>STOA <span class="brand-light">Console</span></span></a></header>`;
const page = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Not found – STOA</title>
<link rel="icon" href="/favicon.svg"><link rel="stylesheet" href="/docs/reference.css"></head>
<body>${banner}<main class="notice"><h1>There is nothing at this address</h1>
<p>It may have moved, or the link may be mistyped. Go to the <a href="/gateways/modes">Console</a> or the <a href="/docs">API reference</a>.</p></main></body>
</html>
`;

/** A person in a browser gets a page; a program that takes JSON gets the problem that comes next. */
export const unknownPage: RequestHandler = (request, response, next) => {
  if (request.method !== 'GET' || request.accepts(['json', 'html']) !== 'html') return next();
  response.status(404).type('html').send(page);
};
