import { Router } from 'express';
import type { RequestHandler } from 'express';
import controlPlaneDocument from '@stoa/generated/control-plane.openapi.json' with { type: 'json' };

/**
 * Holds what the server answers against the contract, outside of production: there it costs more than it finds. The package is loaded for that alone, and
 * is in no built program.
 */
export function validateAnswers(): RequestHandler {
  const loading = import('express-openapi-validator').then(({ middleware }) =>
    Router().use(
      middleware({
        // The validator's types want mutable literals; it copies the document.
        apiSpec: controlPlaneDocument as never,
        validateApiSpec: false,
        validateRequests: false,
        validateResponses: { allErrors: true },
        validateSecurity: false,
        ignoreUndocumented: true,
        fileUploader: false,
      }),
    ),
  );
  return async (request, response, next) => (await loading)(request, response, next);
}
