import { hash } from 'node:crypto';

/** Hosts of models refuse longer names. */
const maxNameLength = 64;
const hashLength = 8;

/**
 * The name that a tool or prompt of an MCP server has here: the prefix and its own. One that is too long, or holds what hosts of models refuse, is cut and spelled out
 * by a hash, so that it stays the same whatever else the server offers.
 */
export function prefixedName(prefix: string, name: string): string {
  const whole = `${prefix}${name}`;
  if (whole.length <= maxNameLength && /^[A-Za-z0-9_.-]+$/.test(whole)) return whole;
  const ending = `_${hash('sha256', name, 'hex').slice(0, hashLength)}`;
  return `${whole.replace(/[^A-Za-z0-9_.-]/g, '_').slice(0, maxNameLength - ending.length)}${ending}`;
}
