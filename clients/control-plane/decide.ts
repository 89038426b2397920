import { fullJitterMs, stretchedMs } from './timing.ts';
import type { Random } from './timing.ts';

/** What came of a call that did not succeed. Status `none`: refused, reset, timed out, or an answer that made no sense. */
export type Failure = { status: number | 'none'; code?: string; retryAfterMs?: number; detail: string };

/** What a failure asks for beside waiting. */
export type Effect = 'retry' | 'refuse-body' | 'reread-credential' | 'stop-syncing' | 'register' | 'fence' | 'end' | 'drop-extras';

export type Decision = { effect: Effect; afterMs: number; say: string };
type Situation = { attempt: number; random: Random; retryAfterMs: number | undefined };
type Rule = { effect: Effect; wait(situation: Situation): number; say: string };

const minuteMs = 60_000;

const noAnswer: Rule = {
  effect: 'retry',
  wait: ({ attempt, random }) => fullJitterMs(attempt, random),
  say: 'gave no usable answer',
};
const refusedBody: Rule = {
  effect: 'refuse-body',
  wait: ({ random }) => stretchedMs(5 * minuteMs, random),
  say: 'says that the request is invalid; it is sent again in five minutes. Compare the versions of both sides',
};
const tooMuch: Rule = {
  effect: 'drop-extras',
  wait: ({ attempt, random }) => fullJitterMs(attempt, random, 5 * minuteMs),
  say: 'refuses the content; it is sent again without what can be left out',
};
const overload: Rule = {
  effect: 'retry',
  // A `Retry-After` of nothing, or one that is over, must not make a server that has too much to do be asked without a pause.
  wait: ({ attempt, random, retryAfterMs = 0 }) => {
    const asked = Math.min(10 * minuteMs, stretchedMs(retryAfterMs, random));
    return retryAfterMs >= 1000 ? asked : Math.max(asked, fullJitterMs(attempt, random));
  },
  say: 'is overloaded or has no database',
};

/** The table of docs/registration-protocol.md, "Status codes, as a client reads them", one row a line. */
const rules: Readonly<Record<string, Rule>> = {
  none: noAnswer,
  400: refusedBody,
  401: {
    effect: 'reread-credential',
    wait: ({ attempt, random }) => fullJitterMs(attempt, random, 5 * minuteMs),
    say: 'does not accept the gateway key; it is read again. Mint one with POST /v1/gateway-keys and give it as STOA_GATEWAY_KEY',
  },
  403: {
    effect: 'stop-syncing',
    wait: ({ random }) => stretchedMs(5 * minuteMs, random),
    say: 'forbids this instance: the key is not for its environment or mode, its tenant is suspended, or the instance was revoked. What it has is still served',
  },
  404: {
    effect: 'register',
    // At once, with jitter, the first time; a server that keeps forgetting its gateways is not asked faster and faster.
    wait: ({ attempt, random }) => fullJitterMs(attempt, random),
    say: 'does not know this',
  },
  409: {
    effect: 'fence',
    // The first time at once; a second fencing means that two processes have one name, and someone has to yield.
    wait: ({ attempt, random }) => (attempt === 0 ? fullJitterMs(0, random) : stretchedMs(Math.min(10, 2.5 * 2 ** (attempt - 1)) * minuteMs, random)),
    say: 'says that a newer process holds the lease of this instance; nothing is written any more. Give each process a STOA_INSTANCE_NAME of its own',
  },
  410: {
    effect: 'end',
    wait: () => 0,
    say: 'says that an operator decommissioned this instance. What it has is still served; restart it to register again',
  },
  413: tooMuch,
  415: tooMuch,
  422: tooMuch,
  429: overload,
  503: overload,
};

/**
 * What a client does after a failure. `attempt` counts earlier failures of the same kind of call since it last succeeded, from 0.
 * A status outside the table is treated as no answer when it is the server's or an intermediary's fault, else as an invalid request.
 */
export function decide(failure: Failure, attempt: number, random: Random): Decision {
  const rule = rules[failure.status] ?? (isTransient(failure.status) ? noAnswer : refusedBody);
  const afterMs = rule.wait({ attempt, random, retryAfterMs: failure.retryAfterMs });
  return { effect: rule.effect, afterMs, say: rule.say };
}

function isTransient(status: number | 'none'): boolean {
  return status === 'none' || status >= 500 || status < 400 || status === 408 || status === 425;
}
