import type { HeartbeatReply, RegisterReply } from '@stoa/generated/schemas.ts';
import { validateHeartbeatReply, validateRegisterReply } from '@stoa/generated/validators.js';
import type { Validator } from '@stoa/generated/validators.js';
import { clampIntervalS } from './timing.ts';

export type ParsedReply<T> = { reply: T } | { fault: string };

/** Fields that this client does not know are ignored; what it knows must have the contract's shape. */
export function parseRegisterReply(text: string): ParsedReply<RegisterReply> {
  const value = parseJson(text);
  return value === undefined ? { fault: 'the answer is not JSON' } : validated(value, validateRegisterReply);
}

/** The ADR says "200 OK" and no more: an empty answer, `null`, or a text that is no JSON object says nothing, and is no fault. */
export function parseHeartbeatReply(text: string): ParsedReply<HeartbeatReply> {
  const value = parseJson(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? validated(value, validateHeartbeatReply) : { reply: {} };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * A member that is null counts as absent, and the interval is brought into its bounds first: a server from before these bounds is
 * obeyed as far as they allow, not refused.
 */
function validated<T>(value: unknown, validator: Validator<T>): ParsedReply<T> {
  let reply = value;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const members = Object.entries(value).filter(([, member]) => member !== null);
    reply = Object.fromEntries(members.map(([name, member]) => [name, isInterval(name, member) ? clampIntervalS(member) : member]));
  }
  if (validator(reply)) return { reply };
  const [first] = validator.errors ?? [];
  return { fault: `the answer${first?.instancePath ? ` at ${first.instancePath}` : ''} ${first?.message ?? 'is invalid'}` };
}

function isInterval(name: string, member: unknown): member is number {
  return name === 'heartbeat_interval_s' && typeof member === 'number' && Number.isFinite(member);
}
