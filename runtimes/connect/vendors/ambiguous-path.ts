/**
 * What makes a path read otherwise by whom it is sent to: an empty or a dot segment, also one that is escaped or has a parameter, a backslash, an escape of either slash, a number
 * sign. A gateway that decides on one reading and sends what is written lets an upstream serve what nobody exposed: `/admin/%2e%2e/orders/7`.
 */
const ambiguous = /\/\/|%2f|%5c|\x5c|\x23|\/(?:[.]|%2e)(?:[.]|%2e)?(?:[;/?]|$)/i;

/** The same for a gateway, to be matched without regard to case: every dialect takes it. `end` is how the dialect spells the end of a text. */
export const ambiguousPath = (end: string): string => `(?:${ambiguous.source.replace('$', () => end)})`;

/** Why a template is not exposed, to follow the operation's name: where such paths are refused, it would never be reached. */
export function ambiguityIn(path: string): string | undefined {
  const [what] = ambiguous.exec(path.replace(/\{[^{}]*\}/g, 'x')) ?? [];
  return what === undefined ? undefined : `its path has ${JSON.stringify(what)}, which upstreams read in different ways, and such paths are refused`;
}
