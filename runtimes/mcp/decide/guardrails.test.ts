import type { ContentGuard, GuardrailsConfig } from '@stoa/generated/schemas.ts';
import { describe, expect, it } from 'vitest';
import { configOf, consumerItem, policyItem } from '../testing/fixtures.ts';
import { pipelineBench } from '../testing/pipeline-bench.ts';

const { answerBy, call, seen, serve, twoTools } = pipelineBench();

describe('guardrails', () => {
  const card = '4111 1111 1111 1111';
  const guarding = (config: GuardrailsConfig) => {
    const { item, key } = consumerItem();
    const api = twoTools();
    const { engine } = serve(configOf(api, item, policyItem({ kind: 'guardrails', config }, [api])));
    return {
      engine,
      create: (body: object) => call(engine, key, 'orders_createOrder', { body }),
      read: (id: string) => call(engine, key, 'orders_getOrder', { order_id: id }),
    };
  };
  const masking = { detectors: [{ detector: 'payment_card', action: 'mask' }] } as const satisfies ContentGuard;

  it('mask what goes to the upstream, and what comes from it', async () => {
    answerBy((_request, response) => response.setHeader('content-type', 'application/json').end(`{"big":1.10,"card":"${card}"}`));
    const { create, engine } = guarding({ request: masking, response: masking });
    expect(await create({ a: card })).toMatchObject({ isError: false, text: '{"big":1.10,"card":"[payment_card]"}' });
    expect(seen[0]).toMatchObject({ body: '{"a":"[payment_card]"}', headers: { 'content-length': '22' } });
    const metrics = await engine.meter.registry.metrics();
    expect(metrics).toContain('stoa_guardrail_findings_total{direction="request",finding="payment_card",action="mask"} 1');
    expect(metrics).toContain('stoa_guardrail_findings_total{direction="response",finding="payment_card",action="mask"} 1');
  });

  it('refuse what they cannot mask, before the upstream hears of it', async () => {
    const { read, engine } = guarding({ request: masking });
    expect(await read(card)).toEqual({ kind: 'content_refused', reason: 'the policy guardrails finds payment_card in it' });
    expect(seen).toEqual([]);
    expect(await engine.meter.registry.metrics()).toContain('stoa_calls_total{door="mcp",outcome="content_refused"} 1');
  });

  it('withhold an answer, and say that the call was made', async () => {
    answerBy((_request, response) => response.end(card));
    const { read } = guarding({ response: { detectors: [{ detector: 'payment_card', action: 'refuse' }] } });
    expect(await read('7')).toEqual({ kind: 'answer_withheld', reason: 'the policy guardrails finds payment_card in it' });
    expect(seen).toHaveLength(1);
  });

  it('report and change nothing', async () => {
    const { create, engine } = guarding({ request: { patterns: [{ name: 'code', pattern: 'Falcon', action: 'report' }] } });
    expect(await create({ a: 'Falcon' })).toMatchObject({ isError: false });
    expect(seen[0]?.body).toBe('{"a":"Falcon"}');
    expect(await engine.meter.registry.metrics()).toContain('stoa_guardrail_findings_total{direction="request",finding="pattern",action="report"} 1');
  });
});
