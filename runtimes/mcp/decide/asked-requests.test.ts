import { describe, expect, it } from 'vitest';
import { configOf, consumerItem, policyItem } from '../testing/fixtures.ts';
import { pipelineBench } from '../testing/pipeline-bench.ts';

const { ask, call, serve, twoTools } = pipelineBench();

describe('authorizing a request of another gateway', () => {
  it('allows and names consumer and operation', async () => {
    const { item, key } = consumerItem();
    const { engine } = serve(configOf(twoTools(), item));
    expect(ask(engine, key, '/v1/orders/7?x=1')).toMatchObject({
      kind: 'allowed',
      caller: { consumerName: 'support-agent' },
      operation: { operationId: 'getOrder' },
    });
  });

  it('lesson 31: believes a key only, never an asserted identity', async () => {
    const { item } = consumerItem();
    const { engine } = serve(configOf(twoTools(), item));
    const asserted = { 'x-consumer-username': 'support-agent', 'x-stoa-consumer': 'support-agent', 'x-forwarded-user': 'support-agent' };
    expect(ask(engine, undefined, undefined, undefined, asserted)).toMatchObject({ kind: 'unauthenticated' });
    expect(ask(engine, 'unknown', undefined, undefined, asserted)).toMatchObject({ kind: 'unauthenticated' });
  });

  it('reads the key from the header that the API names', async () => {
    const { item, key } = consumerItem();
    const api = twoTools();
    const { engine } = serve(configOf(api, item, policyItem({ kind: 'api_key_auth', config: { header: 'X-API-Key' } }, [api])));
    expect(ask(engine, undefined, '/v1/orders/7', 'GET', { 'x-api-key': key })).toMatchObject({ kind: 'allowed' });
    expect(ask(engine, key, '/v1/orders/7', 'GET', { 'x-api-key': 'wrong' })).toMatchObject({ kind: 'unauthenticated' });
  });

  it('denies without blaming the caller when the counters are away', async () => {
    const { item, key } = consumerItem();
    const api = twoTools();
    const consume = (): never => {
      throw new Error('away');
    };
    const limits = { consume, retain: () => undefined, charge: () => undefined, standing: () => [] };
    const { engine, usage } = serve(configOf(api, item, policyItem({ kind: 'rate_limit', config: { limit: 1, window_s: 1 } }, [api])), { limits });
    expect(ask(engine, key)).toEqual({ kind: 'undecided' });
    expect(await call(engine, key)).toEqual({ kind: 'upstream_failed', reason: 'The gateway could not make the call.', timeout: false });
    await engine.close();
    const metered = { operation_id: 'getOrder', consumer_id: item.consumer_id, calls: 1 };
    expect(usage).toHaveLength(2);
    expect(usage).toEqual(expect.arrayContaining(['mcp', 'authz'].map((door) => expect.objectContaining({ ...metered, door }))));
    const counted = await engine.meter.registry.metrics();
    expect(counted).toContain('stoa_calls_total{door="authz",outcome="undecided"} 1');
    expect(counted).toContain('stoa_calls_total{door="mcp",outcome="upstream_error"} 1');
  });

  it('applies the same access as a tool call, and unknown routes look no different', async () => {
    const { item, key } = consumerItem();
    const api = twoTools();
    const { engine } = serve(
      configOf(
        api,
        item,
        policyItem({ kind: 'tool_access', config: { cedar: 'permit(principal, action, resource) when { resource.read_only };' } }, [api]),
      ),
    );
    expect(ask(engine, key)).toMatchObject({ kind: 'allowed' });
    expect(ask(engine, key, '/v1/orders', 'POST')).toEqual({ kind: 'forbidden' });
    expect(ask(engine, key, '/nothing', 'POST')).toEqual({ kind: 'forbidden' });
  });
});
