import type { CallApprovalAnswer, PolicySpec } from '@stoa/generated/schemas.ts';
import { parseExactJson } from '@stoa/lib/exact-json.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { configOf, consumerItem, policyItem } from '../testing/fixtures.ts';
import { pipelineBench } from '../testing/pipeline-bench.ts';
import type { CallToApprove } from './approvals.ts';

const { answerBy, ask, call, seen, serve, twoTools } = pipelineBench();

/** What is answered next, and what was asked. */
let answer: CallApprovalAnswer | undefined;
let asked: CallToApprove[];
beforeEach(() => {
  answer = {
    state: 'pending',
    approval_id: '7b0c5d0e-1111-4222-8333-444455556666',
    approve_at: 'https://stoa.example/approvals',
    expires_at: '2026-11-22T19:24:00.000Z',
  };
  asked = [];
});

describe('a policy that has calls wait for a person', () => {
  const waiting = (config: Extract<PolicySpec, { kind: 'approval' }>['config'] = {}, ...more: PolicySpec[]) => {
    const { item, key } = consumerItem();
    const api = twoTools();
    const policies: PolicySpec[] = [{ kind: 'approval', config }, ...more];
    const approvals = { ask: async (question: CallToApprove) => (asked.push(question), answer) };
    const { engine } = serve(configOf(api, item, ...policies.map((policy) => policyItem(policy, [api]))), { approvals });
    return {
      ...{ engine, key, api, consumer: item },
      create: (body: unknown) => call(engine, key, 'orders_createOrder', { body }),
      read: (id: unknown) => call(engine, key, 'orders_getOrder', { order_id: id }),
    };
  };

  it('makes none that waits, and says what it would do, and where a person says yes', async () => {
    const { create, api, consumer, engine } = waiting({ wait_s: 60, valid_s: 30 });
    expect(await create({ b: 2, a: 1 })).toEqual({
      ...{ kind: 'unapproved', why: 'pending' },
      summary: 'It would send POST /orders to the API orders with the arguments {"body":{"b":2,"a":1}}.',
      ...{ approvalId: answer?.approval_id, approveAt: answer?.approve_at, expiresAt: answer?.expires_at },
    });
    expect(seen).toEqual([]);
    expect(asked).toMatchObject([
      {
        ...{ policy: 'approval', api_id: api.api_id, operation_id: 'createOrder', tool: 'orders_createOrder', consumer_id: consumer.consumer_id },
        ...{ method: 'POST', path: '/orders', arguments: { body: { a: 1, b: 2 } }, wait_s: 60, valid_s: 30 },
      },
    ]);
    expect(await engine.meter.registry.metrics()).toContain('stoa_calls_total{door="mcp",outcome="unapproved"} 1');
  });

  it('makes the call that was granted', async () => {
    answer = { state: 'granted' };
    expect(await waiting().create({ a: 1 })).toMatchObject({ kind: 'result', isError: false });
    expect(seen).toHaveLength(1);
  });

  it('keeps the yes for a call that was granted and held back meanwhile for the sake of its upstream', async () => {
    const { item, key } = consumerItem();
    const api = twoTools();
    const breaker = policyItem({ kind: 'circuit_breaker', config: { minimum_calls: 2, open_s: 10 } }, [api]);
    const approval = policyItem({ kind: 'approval', config: { operations: ['createOrder'], valid_s: 60 } }, [api]);
    const clock = { ms: 1_000_000 };
    const [granted, status] = [new Set<string>(), { code: 500 }];
    answerBy((_request, response) => response.writeHead(status.code).end('{}'));
    // One yes, which is used up by who claims it first; the circuit opens while it is asked for.
    const grant = async ({ claim_id: claim }: CallToApprove): Promise<CallApprovalAnswer> => {
      if (granted.size > 0) return granted.has(claim) ? { state: 'granted' } : { state: 'pending' };
      granted.add(claim);
      for (let calls = 0; calls < 2; calls += 1) await call(engine, key);
      return { state: 'granted' };
    };
    const { engine } = serve(configOf(api, item, breaker, approval), { approvals: { ask: grant }, protection: { now: () => clock.ms } });
    const create = () => call(engine, key, 'orders_createOrder', { body: { a: 1 } });
    expect(await create()).toMatchObject({ kind: 'circuit_open' });
    status.code = 200;
    clock.ms += 10_000;
    expect(await create()).toMatchObject({ kind: 'result', isError: false });
    expect(await create()).toMatchObject({ kind: 'unapproved', why: 'pending' });
  });

  it('makes none where the Control Plane is away', async () => {
    answer = undefined;
    const { create, engine } = waiting();
    expect(await create({})).toMatchObject({ kind: 'unapproved', why: 'unavailable' });
    expect(seen).toEqual([]);
    expect(await engine.meter.registry.metrics()).toContain('stoa_calls_total{door="mcp",outcome="undecided"} 1');
  });

  it.each(['getOrder', 'orders_getOrder'])('is about the operations that it names: %s', async (name) => {
    const { create, read } = waiting({ operations: [name] });
    expect(await create({})).toMatchObject({ kind: 'result' });
    expect(await read('7')).toMatchObject({ kind: 'unapproved' });
  });

  it('takes no call for another: the order of members is none, the last digit of a number is one', async () => {
    const { create } = waiting();
    const exact = (text: string) => parseExactJson(text).value;
    await create({ b: 1, a: 'x' });
    await create({ a: 'x', b: 1 });
    await create(exact('{"n":9007199254740993}'));
    await create(exact('{"n":9007199254740995}'));
    await create({ n: '9007199254740993' });
    const hashes = asked.map(({ arguments_hash: hash }) => hash);
    expect(hashes[0]).toBe(hashes[1]);
    expect(new Set(hashes).size).toBe(4);
    expect(asked[2]?.arguments).toEqual({ body: { n: '9007199254740993' } });
  });

  it('shows a person what the upstream would be sent, and no more', async () => {
    const { create } = waiting({}, { kind: 'guardrails', config: { request: { detectors: [{ detector: 'payment_card', action: 'mask' }] } } });
    expect(await create({ card: '4111 1111 1111 1111' })).toMatchObject({ summary: expect.not.stringContaining('4111') as string });
    expect(asked[0]?.arguments).toEqual({ body: { card: '[payment_card]' } });
  });

  it('asks about none that would be refused anyway, or that nobody could read', async () => {
    const { create, read } = waiting(
      {},
      { kind: 'guardrails', config: { request: { patterns: [{ name: 'falcon', pattern: 'Falcon', action: 'refuse' }] } } },
    );
    expect(await read(7)).toMatchObject({ kind: 'invalid_arguments' });
    expect(await create({ a: 'Falcon' })).toMatchObject({ kind: 'content_refused' });
    expect(await create({ a: 'x'.repeat(40_000) })).toMatchObject({ kind: 'unapproved', why: 'unreadable' });
    expect(asked).toEqual([]);
  });

  it('denies what another gateway asks about, where nobody is asked', async () => {
    const { engine, key } = waiting();
    expect(await ask(engine, key)).toEqual({ kind: 'approval_needed', policy: 'approval' });
    expect(asked).toEqual([]);
  });
});
