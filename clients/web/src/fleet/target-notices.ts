import type { Gateway, TargetHealth } from '@stoa/generated/schemas.ts';
import type { Tone } from './config-text.ts';
import { formatExact } from './times.ts';

type State = TargetHealth['state'];
export const healthTexts: Readonly<Record<State, string>> = { ready: 'ready', not_ready: 'not ready', unreachable: 'cannot be reached', unknown: '' };
export const healthTones: Readonly<Record<State, Tone>> = { ready: 'good', not_ready: 'bad', unreachable: 'bad', unknown: 'quiet' };

/** A share in per cent, and never 0 where there was one. */
export function formatShare(ratio: number): string {
  if (ratio > 0 && ratio < 0.001) return 'less than 0.1 %';
  return `${Math.round(ratio * 1000) / 10} %`;
}

/** What an operator should know of the gateway beside an instance: of one that is gone, what it said last is no news. */
export function targetNotices({ target_health: health, target_gateway: target, liveness }: Gateway): { text: string; tone: Tone }[] {
  if (health === undefined || ['offline', 'left', 'revoked'].includes(liveness)) return [];
  const name = target?.type ?? 'gateway';
  const notices: { text: string; tone: Tone }[] = [];
  if (health.state === 'unreachable') notices.push({ tone: 'bad', text: `Its ${name} cannot be worked on: its log says why.` });
  if (health.state === 'not_ready') notices.push({ tone: 'bad', text: `Its ${name} is not ready. ${health.reason ?? ''}`.trim() });
  const { certificates, certificate_ends_at: endsAt } = health;
  if (endsAt !== undefined && certificates === 'ended')
    notices.push({ tone: 'bad', text: `A certificate of its ${name} ended on ${formatExact(endsAt)}.` });
  if (endsAt !== undefined && certificates === 'ending')
    notices.push({ tone: 'warn', text: `A certificate of its ${name} ends on ${formatExact(endsAt)}.` });
  return notices;
}
