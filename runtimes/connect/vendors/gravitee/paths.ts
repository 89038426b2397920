import { ambiguousPath } from '../ambiguous-path.ts';

/** The path of an operation as Gravitee selects it: literal segments, and parameters as whole ones. */
export type OperationPath = { readonly segments: readonly string[] };

/**
 * What a flow of ours takes besides its path and method. Gravitee selects flows by the path as it came and sends the upstream just that, unless the operator has set
 * `http.pathHandling`: where the upstream finds its way through dot segments, or reads an escaped slash as one, it would serve what no flow was made for. In the expression
 * language, whose operator `matches` is of the whole text.
 */
export const isPlainPath = `{#request.path matches '(?i:(?!.*${ambiguousPath('$')}).*)'}`;

const isParameter = (segment: string): boolean => /^\{[^{}]+\}$/.test(segment);

/** @returns the reason, to follow the operation's name, when the path cannot be expressed. */
export function operationPath(basePath: string, template: string): OperationPath | { fault: string } {
  const path = `${basePath}${template}`;
  if (!path.startsWith('/')) return { fault: 'its path does not begin with a slash' };
  const segments = path.split('/').slice(1);
  // A slash at the end is the same path to Gravitee.
  if (segments.at(-1) === '') segments.pop();
  const odd = segments.find((segment) => !isParameter(segment) && !/^[A-Za-z0-9._~-]+$/.test(segment));
  if (odd !== undefined) return { fault: `its path has the segment ${odd}, which a flow of Gravitee cannot select` };
  return { segments };
}

/** Equal for two that Gravitee cannot tell apart. */
export const shapeOf = ({ segments }: OperationPath): string => `/${segments.map((segment) => (isParameter(segment) ? '{}' : segment)).join('/')}`;

/**
 * The context path of an API: what all of its operations have in common, as far as it is literal and of the characters that such a path may have. Gravitee takes it off and tells APIs apart by
 * it. Undefined where they have no first segment in common.
 */
export function contextOf(paths: readonly OperationPath[]): string | undefined {
  const [first, ...others] = paths;
  if (first === undefined) return undefined;
  let length = 0;
  for (const segment of first.segments) {
    const isFit = /^[a-zA-Z0-9_-][.a-zA-Z0-9_-]*$/.test(segment);
    if (!isFit || !others.every(({ segments }) => segments[length] === segment)) break;
    length += 1;
  }
  return length === 0 ? undefined : `/${first.segments.slice(0, length).join('/')}/`;
}

/** What is left of a path below the context, as a flow selects it. */
export function selectorOf(context: string, { segments }: OperationPath): string {
  const taken = context.split('/').length - 2;
  return `/${segments
    .slice(taken)
    .map((segment, index) => (isParameter(segment) ? `:p${index + 1}` : segment))
    .join('/')}`;
}

/** The shape of a selector of ours, as it was before. */
export const shapeOfSelector = (context: string, path: string): string =>
  (context + path.slice(1).replace(/(^|\/):[^/]+/g, '$1{}')).replace(/(.)\/$/, '$1');

/** Whether one context path lies at or below the other: Gravitee lets only one of them be. */
export const areNested = (a: string, b: string): boolean => a.startsWith(b) || b.startsWith(a);
