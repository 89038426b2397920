import type { RequestHandler } from 'express';

const page = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Not found – STOA</title>
<link rel="icon" href="/favicon.svg"><link rel="stylesheet" href="/docs/reference.css"></head>
<body><main class="notice"><h1>There is nothing at this address</h1>
<p>It may have moved, or the link may be mistyped. Go to the <a href="/gateways/modes">Console</a> or the <a href="/docs">API reference</a>.</p></main></body>
</html>
`;

/** A person in a browser gets a page; a program that takes JSON gets the problem that comes next. */
export const unknownPage: RequestHandler = (request, response, next) => {
  if (request.method !== 'GET' || request.accepts(['json', 'html']) !== 'html') return next();
  response.status(404).type('html').send(page);
};
