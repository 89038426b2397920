/** Whether a value travels from client to server or back: the same edit may be safe one way and breaking the other. */
export type Direction = 'request' | 'response';

export interface Change {
  readonly severity: 'breaking' | 'additive';
  /** What kind of change, in kebab-case; `openapi/changes.yaml` names it to allow a break. */
  readonly code: string;
  /** A JSON pointer into the bundled document (`#/components/…`), or `METHOD /path …` for what stands inline. */
  readonly where: string;
  /** One sentence for the person who made the change. */
  readonly message: string;
}

export const breaking = (code: string, where: string, message: string): Change => ({ severity: 'breaking', code, where, message });

export const additive = (code: string, where: string, message: string): Change => ({ severity: 'additive', code, where, message });

/**
 * A value set shrank or grew. A server that accepts less breaks its callers, and a server that
 * says more breaks its readers; the opposite edits are safe.
 */
export function narrowed(direction: Direction, what: string, where: string, message: string): Change {
  return direction === 'request' ? breaking(`request-${what}-narrowed`, where, message) : additive(`response-${what}-narrowed`, where, message);
}

export function widened(direction: Direction, what: string, where: string, message: string): Change {
  return direction === 'response' ? breaking(`response-${what}-widened`, where, message) : additive(`request-${what}-widened`, where, message);
}

export const hasBreaking = (changes: readonly Change[]): boolean => changes.some((change) => change.severity === 'breaking');

/** Shows a JSON value in a message, shortened so that a table stays readable. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
