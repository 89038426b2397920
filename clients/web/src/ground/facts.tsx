import type { ReactNode } from 'react';
import { formatExact } from '../fleet/times.ts';

export type Fact = readonly [name: string, value: ReactNode];

/** Facts of one thing; those without a value are left out. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className="facts">
      {facts
        .filter(([, value]) => value !== undefined && value !== '' && value !== false)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

/** A day, with its exact time for who rests on it. */
export function When({ at }: { at: string | undefined }) {
  if (at === undefined) return '–';
  return (
    <time dateTime={at} title={formatExact(at)}>
      {day.format(new Date(at))}
    </time>
  );
}

const tones: Readonly<Record<string, string>> = {
  applied: 'good',
  applied_with_warnings: 'warn',
  in_sync: 'good',
  pending: 'warn',
  rejected: 'bad',
  valid: 'good',
  expired: 'warn',
  revoked: 'quiet',
  active: 'good',
  unmatched: 'warn',
};

/** A state in its colour and in words. */
export function StateWord({ state }: { state: string | undefined }) {
  if (state === undefined) return '–';
  return <span className={`tone-${tones[state] ?? 'quiet'}`}>{state.replaceAll('_', ' ')}</span>;
}

/** A part of a page under a heading of its own. */
export function Part({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className="part" aria-label={title}>
      <div className="part-head">
        <h2>{title}</h2>
        {actions}
      </div>
      {children}
    </section>
  );
}
