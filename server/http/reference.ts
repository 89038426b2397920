import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import express, { Router } from 'express';
import controlPlane from '@stoa/generated/control-plane.openapi.json' with { type: 'json' };
import management from '@stoa/generated/management.openapi.json' with { type: 'json' };
import registration from '@stoa/generated/registration.openapi.json' with { type: 'json' };
import runtime from '@stoa/generated/runtime.openapi.json' with { type: 'json' };

const documents = { '/openapi.json': controlPlane, '/openapi/management.json': management, '/openapi/registration.json': registration, '/openapi/runtime.json': runtime };

const page = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>STOA API reference</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css"></head>
<body><div id="reference"></div><script src="/docs/assets/swagger-ui-bundle.js"></script><script src="/docs/reference.js"></script></body>
</html>
`;
const script = `SwaggerUIBundle({ dom_id: '#reference', deepLinking: true, docExpansion: 'list', defaultModelsExpandDepth: 0, urls: [
  { name: 'Control Plane', url: '/openapi.json' }, { name: 'Registration protocol', url: '/openapi/registration.json' }, { name: 'Runtime', url: '/openapi/runtime.json' } ],
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset].filter(Boolean), validatorUrl: null });
`;

/** The documents, and the reference rendered from them by Swagger UI, which is served from here and fetches nothing elsewhere. */
export function reference(): Router {
  const router = Router();
  for (const [path, document] of Object.entries(documents)) {
    const body = JSON.stringify(document);
    router.get(path, (_request, response) => void response.type('application/json').send(body));
  }
  router.get('/docs', (_request, response) => void response.type('html').send(page));
  router.get('/docs/reference.js', (_request, response) => void response.type('text/javascript').send(script));
  const assets = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/swagger-ui.css'));
  router.use('/docs/assets', express.static(assets, { index: false, immutable: false, maxAge: '1h' }));
  return router;
}
