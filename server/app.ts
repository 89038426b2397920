import type { ServerResponse } from 'node:http';
import compression from 'compression';
import express from 'express';
import type { Express } from 'express';
import * as OpenApiValidator from 'express-openapi-validator';
import controlPlaneDocument from '@stoa/generated/control-plane.openapi.json' with { type: 'json' };
import type { ServerContext } from './context.ts';
import { handlers } from './handlers.ts';
import { authenticate } from './http/authenticate.ts';
import { maxDocumentBytes } from './catalog/compile/document-error.ts';
import { consolePages } from './http/console.ts';
import { dispatch, routeOperations } from './http/dispatch.ts';
import { documentLane } from './http/document-lane.ts';
import { answerFailures, identifyRequest } from './http/failures.ts';
import { bulkBounds, jsonBody, usualBounds } from './http/json-body.ts';
import { reference } from './http/reference.ts';
import { securityHeaders } from './http/security-headers.ts';
import { headAsGet, noSuchPath, refuseUndocumented } from './http/undocumented.ts';
import { identityRoutes } from './identity/routes.ts';
import { unknownPage } from './http/unknown-page.ts';
import { addUnknownQuery, refuseUnknownQuery } from './http/unknown-query.ts';

const maxBodyBytes = 4 * 1024 * 1024;
const maxAnonymousBytes = 16 * 1024;

const isStream = (response: ServerResponse): boolean => String(response.getHeader('content-type')).startsWith('text/event-stream');

/** The middlewares of the Control Plane, in the order in which a request meets them. */
export function createApp(context: ServerContext): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  // The validator matches paths by these settings, too.
  app.enable('case sensitive routing');
  app.enable('strict routing');
  app.set('etag', false); // Nothing here is cached but the config feed, which names its generations itself.
  app.use(identifyRequest);
  app.use(securityHeaders);
  app.use(reference());
  app.use(headAsGet);
  app.use(identityRoutes(context));
  app.use(routeOperations((id, operation) => authenticate(id, operation, context)));
  app.use(refuseUndocumented());
  // What the Console reads again and again is alike from row to row. A stream of events is sent as it comes.
  app.use(['/v1/gateways', '/assets'], compression({ filter: (request, response) => !isStream(response) && compression.filter(request, response) }));
  app.use('/v1/session', jsonBody({ maxBytes: maxAnonymousBytes, bounds: usualBounds }));
  app.use('/v1/apis', documentLane());
  // Acknowledgements, observed state and usage hold thousands of entries.
  app.use('/v1/internal', jsonBody({ maxBytes: maxBodyBytes, bounds: bulkBounds }));
  app.use(jsonBody({ maxBytes: maxBodyBytes, bounds: usualBounds }));
  app.use(
    OpenApiValidator.middleware({
      // The validator's types want mutable literals; it copies the document.
      apiSpec: controlPlaneDocument as never,
      validateApiSpec: false,
      validateRequests: { allErrors: true, allowUnknownQueryParameters: true }, // `refuseUnknownQuery` does not allow them.
      validateResponses: process.env['NODE_ENV'] === 'production' ? false : { allErrors: true },
      validateSecurity: false, // `authenticate` has done it, before the body was read.
      ignoreUndocumented: true,
      fileUploader: { limits: { fileSize: maxDocumentBytes, files: 1, fields: 8 } },
    }),
  );
  app.use(addUnknownQuery, refuseUnknownQuery);
  app.use(routeOperations((id) => dispatch(handlers, context, id)));
  app.use(consolePages());
  app.use(unknownPage);
  app.use(noSuchPath);
  app.use(answerFailures(context.log, context.settings.trustedProxies));
  return app;
}
