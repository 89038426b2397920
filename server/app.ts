import type { ServerResponse } from 'node:http';
import compression from 'compression';
import express from 'express';
import type { Express } from 'express';
import type { ServerContext } from './context.ts';
import { handlers } from './handlers.ts';
import { authenticate } from './http/authenticate.ts';
import { consolePages } from './http/console.ts';
import { dispatch, routeOperations } from './http/dispatch.ts';
import { documentLane } from './http/document-lane.ts';
import { answerFailures, identifyRequest } from './http/failures.ts';
import { bulkBounds, jsonBody, schemasBounds, usualBounds } from './http/json-body.ts';
import { reference } from './http/reference.ts';
import { securityHeaders } from './http/security-headers.ts';
import { headAsGet, noSuchPath, refuseUndocumented } from './http/undocumented.ts';
import { identityRoutes } from './identity/routes.ts';
import { unknownPage } from './http/unknown-page.ts';
import { validateAnswers } from './http/validate-answers.ts';
import { validateRequest } from './http/validate-request.ts';

const maxBodyBytes = 4 * 1024 * 1024;
/** As the contract has it. */
const maxReportBytes = 8 * 1024 * 1024;
const maxAnonymousBytes = 16 * 1024;

const isStream = (response: ServerResponse): boolean => String(response.getHeader('content-type')).startsWith('text/event-stream');

/** The middlewares of the Control Plane, in the order in which a request meets them. */
export function createApp(context: ServerContext): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
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
  // What MCP servers offer is thousands of schemas.
  app.use('/v1/internal/gateways/:gatewayId/mcp-servers', jsonBody({ maxBytes: maxReportBytes, bounds: schemasBounds }));
  // Acknowledgements, observed state and usage hold thousands of entries.
  app.use('/v1/internal', jsonBody({ maxBytes: maxBodyBytes, bounds: bulkBounds }));
  app.use(jsonBody({ maxBytes: maxBodyBytes, bounds: usualBounds }));
  app.use(routeOperations(validateRequest));
  if (process.env['NODE_ENV'] !== 'production') app.use(routeOperations(validateAnswers));
  app.use(routeOperations((id) => dispatch(handlers, context, id)));
  app.use(consolePages());
  app.use(unknownPage);
  app.use(noSuchPath);
  app.use(answerFailures(context));
  return app;
}
