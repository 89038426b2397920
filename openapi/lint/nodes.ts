import type { UserContext } from '@redocly/openapi-core';

export type Node = Readonly<Record<string, unknown>>;

export const asObject = (value: unknown): Node => (typeof value === 'object' && value !== null ? (value as Node) : {});

export const textOf = (node: unknown, key: string): string | undefined => {
  const value = asObject(node)[key];
  return typeof value === 'string' ? value : undefined;
};

/** A node behind its references, with the file it stands in, from which references inside it are followed. */
export type ResolvedNode = Node & { readonly source: string | undefined };

/** Follows a `$ref` that stands in the file under the linter's cursor, or in `from`. An unresolvable one reads as empty; no-unresolved-refs reports it. */
export function resolved(node: unknown, context: UserContext, from?: string): ResolvedNode {
  if (textOf(node, '$ref') === undefined) return { ...asObject(node), source: from };
  const answer = context.resolve(asObject(node) as { $ref: string }, from);
  const target: Node = asObject(answer.node);
  return { ...target, source: answer.location?.source.absoluteRef ?? from };
}

/** Names required by a schema and by what it takes in with `allOf`; depth is bounded because a wrong document may be cyclic. */
export function requiredOf(schema: ResolvedNode, context: UserContext, depth = 0): string[] {
  const own = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  const members = depth < 8 && Array.isArray(schema['allOf']) ? schema['allOf'] : [];
  return [...own, ...members.flatMap((member) => requiredOf(resolved(member, context, schema.source), context, depth + 1))];
}

export const httpMethods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;
