import { Router } from 'express';
import type { RequestHandler } from 'express';
import controlPlaneDocument from '@stoa/generated/control-plane.openapi.json' with { type: 'json' };

/** Compiled once for all servers of a process: it takes longer than all the rest of a start. */
let compiled: Promise<Router> | undefined;

/**
 * Holds what the server answers against the contract, outside of production: there it costs more than it finds. The package is loaded for that alone, and
 * is in no built program.
 */
export function validateAnswers(): RequestHandler {
  return async (request, response, next) => (await (compiled ??= compile()))(request, response, next);
}

async function compile(): Promise<Router> {
  const { middleware } = await import('express-openapi-validator');
  return Router().use(
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
  );
}
