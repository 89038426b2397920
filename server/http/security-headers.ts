import type { RequestHandler } from 'express';

// Everything the pages need comes from this server; Swagger UI sets styles and data-URI images at run time.
const policy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

export const securityHeaders: RequestHandler = (request, response, next) => {
  response.set({
    'Content-Security-Policy': policy,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
  });
  if (request.path.startsWith('/v1/')) response.set('Cache-Control', 'no-store');
  next();
};
