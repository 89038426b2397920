import { Router } from 'express';
import type { Request, RequestHandler } from 'express';
import { cut } from '@stoa/lib/problem.ts';
import { ApiError } from '../errors.ts';
import { nearestPath } from './nearest-path.ts';
import { expressPath, fixedPathsFirst } from './paths.ts';

/** Answers HEAD as GET (RFC 9110 §9.3.2): Node leaves the body out, and no later middleware knows another method than the contract. */
export const headAsGet: RequestHandler = (request, _response, next) => {
  if (request.method === 'HEAD') request.method = 'GET';
  next();
};

/**
 * Refuses what is no operation of the contract before anything of its body is read: 405 with `Allow` where the path takes other methods,
 * 404 elsewhere below /v1.
 */
export function refuseUndocumented(): Router {
  const router = Router({ caseSensitive: true, strict: true });
  for (const [path, methods] of methodsByPath()) {
    router.all(expressPath(path), (request, response, next) => {
      // The first path that fits decides: a fixed one hides those that read like it.
      if (methods.includes(request.method)) return next('router');
      response.set('Allow', methods.join(', '));
      throw methodNotAllowed(request, methods);
    });
  }
  router.use('/v1', noSuchPath);
  return router;
}

const reference = 'The API reference is at /docs.';

const methodNotAllowed = (request: Request, methods: readonly string[]) =>
  new ApiError(405, `${request.method} is not for ${shown(request)}, which takes ${methods.join(', ')}. ${reference}`, {
    code: 'method_not_allowed',
  });

export const noSuchPath: RequestHandler = (request) => {
  const meant = nearestPath(pathOf(request));
  const said = meant === undefined ? '.' : `: did you mean ${meant}?`;
  throw new ApiError(404, `There is nothing at ${request.method} ${shown(request)}${said} ${reference}`, { code: 'no_such_route' });
};

/** A long path would take the place of the remedy. */
const shown = (request: Request): string => cut(pathOf(request), 200);
// `request.path` is relative to the router that it is asked in.
const pathOf = (request: Request): string => request.originalUrl.split('?', 1)[0] ?? '';

function methodsByPath(): Map<string, string[]> {
  const methods = new Map<string, string[]>();
  for (const { path, method } of fixedPathsFirst()) {
    const others = methods.get(path) ?? [];
    methods.set(path, [...others, ...(method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()])]);
  }
  return methods;
}
