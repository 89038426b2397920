import type { AdoptionAnswer } from '@stoa/generated/schemas.ts';

/** The name of an API from that of a service: lower-case letters, digits and dashes. */
export function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63)
    .replace(/-+$/, '');
  return slug === '' ? 'adopted' : slug;
}

/** An OpenAPI document of what is known of a service: what its routes take. Somebody who has its own replaces it. */
export function documentOf(name: string, { name: title = name, upstream_url: url, operations = [] }: AdoptionAnswer, gatewayName: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const { method, path } of operations) {
    const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => ({
      name: parameter,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    }));
    const operation = {
      operationId: `${method.toLowerCase()}${path.replace(/[^A-Za-z0-9]+/g, '_').replace(/_+$/, '')}`,
      parameters,
      responses: { default: { description: 'As the service answers.' } },
    };
    const methods = (paths[path] ??= {});
    if (known.has(method)) methods[method.toLowerCase()] = operation;
  }
  const description = `Taken over from the gateway ${gatewayName}. This document was made of its routes.`;
  return { openapi: '3.1.0', info: { title, version: '1', description }, ...(url !== undefined && { servers: [{ url }] }), paths };
}

/** What an OpenAPI document has a place for. */
const known: ReadonlySet<string> = new Set(['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE']);
