import type { TargetHealth } from '@stoa/generated/schemas.ts';

/** What a person has to know of a gateway beside a Connect, in a cell. */
export function targetHealthText({ state, certificates, certificate_ends_at: endsAt }: TargetHealth): string {
  const certificate =
    certificates === undefined || certificates === 'valid' || endsAt === undefined
      ? []
      : [`certificate ${verbs[certificates]} ${endsAt.slice(0, 10)}`];
  return [state.replaceAll('_', ' '), ...certificate].join(', ');
}

const verbs = { ending: 'ends', ended: 'ended' } as const;
