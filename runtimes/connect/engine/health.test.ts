import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger } from '@stoa/lib/log.ts';
import { validateTargetHealthReport } from '@stoa/generated/validators.js';
import { describe, expect, it } from 'vitest';
import { answersIn, certificateIn } from './health.ts';
import type { GatewayHealth } from './health.ts';
import { watchHealth } from './health-watch.ts';
import type { HealthWatch } from './health-watch.ts';

const pemOf = (name: string): string => readFileSync(join(import.meta.dirname, '../../../lib/testing/tls', name), 'utf8');
const log = createLogger({ program: 'test', level: 'silent' });

/** A watch over a gateway that tells these one after the other, and the last for good; resolves when it was asked `looks` times and has told what is news. */
async function watched(tells: readonly (GatewayHealth | Error)[], looks: number): Promise<{ watch: HealthWatch; news: number }> {
  let asked = 0;
  let news = 0;
  const enough = Promise.withResolvers<void>();
  const adapter = {
    type: 'sample',
    health(): Promise<GatewayHealth> {
      // The look before has been worked on when the next one begins, which is never answered.
      if (asked === looks) enough.resolve();
      if (asked === looks) return new Promise(() => {});
      const told = tells[Math.min(asked, tells.length - 1)] ?? {};
      asked += 1;
      return told instanceof Error ? Promise.reject(told) : Promise.resolve(told);
    },
  };
  const watch = watchHealth({ adapter, log, intervalMs: 1 });
  watch.start(() => (news += 1));
  await enough.promise;
  watch.stop();
  return { watch, news };
}

describe('what a gateway tells of itself', () => {
  it('is a report in words and metrics in numbers, and news only when it changes', async () => {
    const health: GatewayHealth = {
      ready: false,
      reason: 'Its database is away.',
      certificates: [
        { name: 'later', endsAtMs: Date.parse('2031-01-01') },
        { name: 'sooner', endsAtMs: Date.parse('2030-01-01') },
      ],
    };
    const { watch, news } = await watched([health], 3);
    expect([news, watch.report()]).toEqual([
      1,
      {
        state: 'not_ready',
        reason: 'Its database is away.',
        certificates: [
          { name: 'sooner', ends_at: '2030-01-01T00:00:00.000Z' },
          { name: 'later', ends_at: '2031-01-01T00:00:00.000Z' },
        ],
      },
    ]);
    expect(validateTargetHealthReport(watch.report())).toBe(true);
    expect(watch.metrics()).toEqual({ target_ready: 0, target_certificate_ends_at_seconds: Date.parse('2030-01-01') / 1000 });
  });

  it('is what the contract takes, however much there is', async () => {
    const certificates = Array.from({ length: 300 }, (_, n) => ({ name: `${n} `.repeat(200), endsAtMs: Date.parse('2030-01-01') + n }));
    const { watch } = await watched([{ ready: false, reason: 'so '.repeat(1000), certificates }], 1);
    expect(validateTargetHealthReport(watch.report())).toBe(true);
    expect(watch.report().certificates).toHaveLength(100);
  });

  it('is unknown of one that tells nothing, and forgotten when it answers no more', async () => {
    const none = watchHealth({ adapter: { type: 'sample' }, log });
    none.start(() => {
      throw new Error('There is nothing to tell.');
    });
    expect([none.report(), none.metrics()]).toEqual([{ state: 'unknown' }, {}]);
    const { watch, news } = await watched([{ ready: true }, new Error('away')], 3);
    expect([watch.report(), watch.metrics(), news]).toEqual([{ state: 'unknown' }, {}, 2]);
  });

  it('has the share of faults among the answers since the last look, and none where it began to count anew', async () => {
    const ratio = async (...answers: GatewayHealth['answers'][]) =>
      (
        await watched(
          answers.map((one) => ({ answers: one })),
          answers.length,
        )
      ).watch.metrics()['target_error_ratio'];
    expect(await ratio({ total: 100, errors: 90 }, { total: 150, errors: 95 })).toBe(0.1);
    expect(await ratio({ total: 100, errors: 90 })).toBe(undefined);
    expect(await ratio({ total: 100, errors: 90 }, { total: 100, errors: 90 })).toBe(undefined);
    expect(await ratio({ total: 100, errors: 90 }, { total: 20, errors: 2 })).toBe(undefined);
    expect(await ratio({ total: 100, errors: 90 }, undefined)).toBe(undefined);
  });
});

describe('a certificate', () => {
  it('ends with the first of its chain, and what is none is none', () => {
    const [server, authority] = [pemOf('server.pem'), pemOf('ca.pem')].map((pem) => certificateIn('x', pem)[0]?.endsAtMs ?? 0);
    expect([server, authority].every((end) => (end ?? 0) > Date.parse('2026-01-01'))).toBe(true);
    expect(certificateIn('chain', pemOf('ca.pem') + pemOf('server.pem'))).toEqual([
      { name: 'chain', endsAtMs: Math.min(server ?? 0, authority ?? 0) },
    ]);
    for (const none of [undefined, '', '{vault://env/cert}', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', pemOf('server.key')])
      expect(certificateIn('none', none)).toEqual([]);
  });
});

describe('a counter in the Prometheus text format', () => {
  const text = [
    '# TYPE requests_total counter',
    'requests_total{service="a",code="200"} 5',
    'requests_total{service="a }\\"b",code="502",source="service"} 2 1795362900',
    'requests_total{service="a",code="500"} 1e1',
    'requests_total_other{code="500"} 7',
    'requests_total{code="500"} NaN',
  ].join('\n');

  it('is added up by the status', () => {
    expect(answersIn(text, 'requests_total')).toEqual({ total: 17, errors: 12 });
    expect(answersIn(text, 'requests_total', ({ code }) => code === '200')).toEqual({ total: 5, errors: 0 });
    expect(answersIn(text, 'answers_total')).toBe(undefined);
  });
});
