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
<main id="reference" data-document="${document}"></main>
<script src="/docs/assets/swagger-ui-bundle.js"></script><script src="/docs/reference.js"></script></body>
</html>
`;
const script = `const main = document.getElementById('reference');
SwaggerUIBundle({ domNode: main, url: main.dataset.document, deepLinking: true, docExpansion: 'list', defaultModelsExpandDepth: 0, validatorUrl: null });
`;
const style = `body { margin: 0; background: #fff; }
nav { display: flex; flex-wrap: wrap; gap: 0.5rem 1.5rem; max-width: 1460px; margin: 0 auto; padding: 1rem 20px; font: 16px/1.5 system-ui, sans-serif; }
nav a { color: #17478f; } nav a[aria-current] { font-weight: 600; text-decoration: none; color: #16202c; }
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
