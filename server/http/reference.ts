import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import express, { Router } from 'express';
import controlPlane from '@stoa/generated/control-plane.openapi.json' with { type: 'json' };
import management from '@stoa/generated/management.openapi.json' with { type: 'json' };
import registration from '@stoa/generated/registration.openapi.json' with { type: 'json' };
import runtime from '@stoa/generated/runtime.openapi.json' with { type: 'json' };

const documents = {
  '/openapi.json': controlPlane,
  '/openapi/management.json': management,
  '/openapi/registration.json': registration,
  '/openapi/runtime.json': runtime,
};

/** The pages of the reference: where each is, what it is called, and the document it shows. */
const pages = [
  { path: '/docs', name: 'Management', document: '/openapi/management.json' },
  { path: '/docs/registration', name: 'Registration protocol', document: '/openapi/registration.json' },
  { path: '/docs/runtime', name: 'Runtimes', document: '/openapi/runtime.json' },
];

const links = (current: string) =>
  pages.map(({ path, name }) => `<a href="${path}"${path === current ? ' aria-current="page"' : ''}>${name}</a>`).join(' ');
const page = (current: string, document: string) => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>STOA API reference</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css"><link rel="stylesheet" href="/docs/reference.css"></head>
<body><nav aria-label="Reference">${links(current)} <a href="/gateways/modes">Console</a></nav>
<div id="reference" data-document="${document}"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script><script src="/docs/reference.js"></script></body>
</html>
`;
/**
 * Swagger UI as a page that everybody can read: it follows the system's theme, which it knows but does not ask for, names its controls, and puts no link
 * into a button, where the keyboard would not find it.
 */
const script = `const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();
const place = document.getElementById('reference');
const nameControls = () => {
  for (const select of place.querySelectorAll('select:not([aria-label])')) select.setAttribute('aria-label', select.id === 'servers' ? 'Server' : 'Choice');
  for (const [selector, level] of [['h3.opblock-tag', '2'], ['.opblock h4', '3'], ['.opblock h5', '4'], ['.models h4', '2'], ['.models h5', '3']]) {
    for (const heading of place.querySelectorAll(selector + ':not([aria-level])')) heading.setAttribute('aria-level', level);
  }
  for (const [selector, label] of [['.information-container', 'About'], ['.schemes-server-container', 'Servers']]) {
    const part = place.querySelector(selector + ':not([role])');
    if (part) (part.role = 'region'), part.setAttribute('aria-label', label);
  }
  for (const region of place.querySelectorAll('pre:not([tabindex])')) region.tabIndex = 0;
};
new MutationObserver(nameControls).observe(place, { childList: true, subtree: true });
const text = (Original, { React }) => ({ text }) => React.createElement('span', null, text);
SwaggerUIBundle({
  domNode: place, url: place.dataset.document, docExpansion: 'list', defaultModelsExpandDepth: 0, validatorUrl: null,
  plugins: [() => ({ wrapComponents: { DeepLink: text } })],
});
`;
/** White is read on each of them. */
const methodColours = { get: '#1b5fa8', post: '#17693f', put: '#8a4b00', patch: '#0f6d5b', delete: '#b3211a', head: '#6a2fa0', options: '#0d5aa7' };
const style = `:root { color-scheme: light dark; --ground: #fff; --ink: #16202c; --quiet: #4c5868; --accent: #17478f; --good: #17693f; --line: #dfe3e8; }
@media (prefers-color-scheme: dark) { :root { --ground: #161c25; --ink: #e7ebf1; --quiet: #b4bfcc; --accent: #9cc6f8; --good: #74d49b; --line: #27303c; } }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
nav { display: flex; flex-wrap: wrap; gap: 0.5rem 1.5rem; max-width: 1460px; margin: 0 auto; padding: 1rem 20px; }
a { color: var(--accent); } nav a[aria-current] { font-weight: 600; text-decoration: none; color: var(--ink); }
.banner { border-bottom: 1px solid var(--line); }
.brand { display: flex; align-items: center; gap: 0.6rem; max-width: 78rem; min-height: 3.5rem; margin: 0 auto; padding: 0 clamp(1rem, 3vw, 2rem); }
.banner .brand { color: var(--ink); font-weight: 700; letter-spacing: 0.01em; text-decoration: none; } .brand-light { color: var(--quiet); font-weight: 400; }
.notice { max-width: 40rem; margin: 15vh auto; padding: 0 20px; }
html.dark-mode, html.dark-mode .swagger-ui, .swagger-ui { background: var(--ground); }
.swagger-ui .info .title small { background: #4c5868; } .swagger-ui .info .title small.version-stamp { background: #3f6b00; }
.swagger-ui .info a, .swagger-ui .info .url, .swagger-ui .info .base-url, .swagger-ui a.link { color: var(--accent) !important; }
.swagger-ui .btn.authorize { color: var(--good); border-color: var(--good); } .swagger-ui .btn.authorize svg { fill: var(--good); }
.swagger-ui .parameter__in, .swagger-ui .parameter__type, .swagger-ui .parameter__deprecated { color: var(--quiet); }
.swagger-ui table.headers td, .swagger-ui .header-col { color: var(--ink) !important; }
.swagger-ui .microlight span[style*="rgb(211, 99, 99)"] { color: #ffa3a3 !important; }
${Object.entries(methodColours)
  .map(([method, colour]) => `.swagger-ui .opblock.opblock-${method} .opblock-summary-method { background: ${colour}; }`)
  .join('\n')}
`;

/** The documents, and the reference rendered from them by Swagger UI, which is served from here and fetches nothing elsewhere. */
export function reference(): Router {
  const router = Router();
  for (const [path, document] of Object.entries(documents)) {
    const body = JSON.stringify(document);
    router.get(path, (_request, response) => void response.type('application/json').send(body));
  }
  for (const { path, document } of pages) {
    router.get(path, (_request, response) => void response.type('html').send(page(path, document)));
  }
  router.get('/docs/reference.js', (_request, response) => void response.type('text/javascript').send(script));
  router.get('/docs/reference.css', (_request, response) => void response.type('text/css').send(style));
  const assets = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/swagger-ui.css'));
  router.use('/docs/assets', express.static(assets, { index: false, maxAge: '1h' }));
  return router;
}
