import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Router, static as serveStatic } from 'express';
import { productFile } from '../product-file.ts';

/** Where the Console has pages; which of them there are, its own router knows. */
const places = [
  '/home',
  '/gateways/:page',
  '/observe/:page',
  '/apis{/:thing}{/:part}',
  '/access/:page{/:thing}',
  '/mcp-servers',
  '/approvals',
  '/sign-in',
];
// All that it needs comes from this server, and nothing stands in the page itself. Text becomes markup nowhere.
export const consolePolicy =
  "default-src 'self'; style-src 'self'; img-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; require-trusted-types-for 'script'; trusted-types 'none'";

const builtPages = productFile('clients/web/dist');

/**
 * The Console, as Vite built it. Assets carry a hash of their content in their name, so browsers keep them for good; the one page
 * is asked for anew each time. A server without the build says how to make it.
 */
export function consolePages(directory: string = builtPages): Router {
  const page = join(directory, 'index.html');
  const router = Router({ caseSensitive: true, strict: true });
  router.get('/', (_request, response) => response.redirect(302, '/home'));
  router.get(places, (_request, response, next) => {
    if (!existsSync(page)) {
      response
        .status(503)
        .set('Retry-After', '10')
        .type('text/plain')
        .send('The Console is not built on this server: run `make build`. The API works without it.\n');
      return;
    }
    const options = {
      cacheControl: false,
      headers: { 'Cache-Control': 'no-cache', 'Content-Security-Policy': consolePolicy },
      dotfiles: 'allow',
    } as const;
    // Express calls back after a success too, and whatever comes next would answer a second time.
    response.sendFile(page, options, (error: unknown) => void (error && next(error)));
  });
  router.use('/assets', serveStatic(join(directory, 'assets'), { immutable: true, maxAge: '1y', index: false, redirect: false }));
  router.get('/favicon.svg', serveStatic(directory, { index: false, redirect: false }));
  return router;
}
