import assert from 'node:assert/strict';
import { createHash, createPublicKey, randomUUID, verify } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type {
  Api,
  CallApprovalAnswer,
  ConfigManifest,
  Deployment,
  GatewayConfig,
  HeartbeatReply,
  Plan,
  RegisterReply,
} from '@stoa/generated/schemas.ts';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import type { ControlPlane } from '../../subjects/over-http.ts';
import { Unavailable } from '../case.ts';
import type { Suite } from '../case.ts';
import { until } from '../../until.ts';
import { beat, callOf, gatewayPage, register } from './samples.ts';

const document = {
  openapi: '3.1.0',
  info: { title: 'Pets', version: '1.0.0' },
  servers: [{ url: 'http://127.0.0.1:9' }],
  paths: { '/pets': { get: { operationId: 'listPets', responses: { '200': { description: 'Pets.' } } } } },
};

export async function defineApi(controlPlane: ControlPlane): Promise<Api> {
  return (await controlPlane.call<Api>('createApi', { body: { name: `pets-${randomUUID()}`, document } })).body;
}

async function deploy(controlPlane: ControlPlane, apiId: string, instanceName: string): Promise<Deployment> {
  return (await controlPlane.call<Deployment>('createDeployment', { body: { api_id: apiId, targets: { instance_names: [instanceName] } } })).body;
}

async function configOf(controlPlane: ControlPlane, gatewayId: string): Promise<{ config: GatewayConfig; etag: string }> {
  const { body, headers } = await controlPlane.call<GatewayConfig>('getGatewayConfig', { path: { gateway_id: gatewayId } });
  return { config: body, etag: headers['etag'] ?? '' };
}

const acknowledge = (controlPlane: ControlPlane, { gateway_id, generation, hash, items }: GatewayConfig, state: string, itemState = state) =>
  controlPlane.call('ackGatewayConfig', {
    path: { gateway_id },
    body: { generation, hash, state, items: items.map(({ id }) => ({ id, state: itemState, phase: 'apply', reason: 'because' })) },
  });

const isSigned = (reply: RegisterReply, { gateway_id, generation, hash, signature }: Omit<GatewayConfig, 'items'>): boolean => {
  const key = reply.signing_keys?.find(({ key_id }) => key_id === signature.key_id);
  assert.ok(key, 'registration announced the key');
  const publicKey = createPublicKey({ key: Buffer.from(key.public_key, 'base64url'), format: 'der', type: 'spki' });
  return verify(null, Buffer.from(`${gateway_id}\n${generation}\n${hash}`), publicKey, Buffer.from(signature.value, 'base64url'));
};

export const configuration: Suite<ControlPlane> = (check) => {
  check(['CONF-001', 'CONF-004'], 'a new gateway gets an empty, signed configuration', async (controlPlane) => {
    const reply = await register(controlPlane);
    const { config } = await configOf(controlPlane, reply.gateway_id);
    assert.deepEqual([config.generation, config.items], [0, []]);
    assert.equal(config.hash, `sha256:${createHash('sha256').update('[]').digest('hex')}`);
    assert.ok(isSigned(reply, config));
    if (controlPlane.hasOperator) assert.equal((await gatewayPage(controlPlane, reply.gateway_id)).config.state, 'none');
  });

  check(['ACC-001'], 'a gateway that does not enforce subscriptions is given an API only while it is open to all consumers', async (controlPlane) => {
    const [old, enforcing] = [await register(controlPlane, { features: ['mcp'] }), await register(controlPlane)];
    const api = await defineApi(controlPlane);
    for (const { name } of [old, enforcing]) await deploy(controlPlane, api.api_id, name);
    const apisOf = async ({ gateway_id }: RegisterReply) =>
      (await configOf(controlPlane, gateway_id)).config.items.flatMap((item) => (item.kind === 'api' ? [item.subscription_required] : []));
    assert.deepEqual([await apisOf(old), await apisOf(enforcing)], [[], [true]]);
    await controlPlane.call('updateApi', { path: { api_id: api.api_id }, body: { document, open_to_all_consumers: true } });
    assert.deepEqual([await apisOf(old), await apisOf(enforcing)], [[undefined], [undefined]]);
  });

  check(['ACC-003'], 'a gateway that does not hold plans is given an API only while it is part of none', async (controlPlane) => {
    const [old, holding] = [await register(controlPlane, { features: ['mcp', 'subscriptions'] }), await register(controlPlane)];
    const { api_id } = await defineApi(controlPlane);
    for (const { name } of [old, holding]) await deploy(controlPlane, api_id, name);
    const kindsOf = async ({ gateway_id }: RegisterReply) => (await configOf(controlPlane, gateway_id)).config.items.map(({ kind }) => kind);
    assert.ok((await kindsOf(old)).includes('api'));
    const { body } = await controlPlane.call<Plan>('createPlan', { body: { name: `plan-${randomUUID()}`, api_ids: [api_id] } });
    assert.deepEqual(await kindsOf(old), []);
    assert.deepEqual(
      (await kindsOf(holding)).filter((kind) => kind !== 'consumer'),
      ['api', 'plan'],
    );
    await controlPlane.call('deletePlan', { path: { plan_id: body.plan_id } });
    assert.ok((await kindsOf(old)).includes('api'));
  });

  check(
    ['CONF-004', 'CONF-005', 'CONF-006'],
    'lesson 16: deploying raises the generation, undeploying the last API raises it again and leaves nothing',
    async (controlPlane) => {
      const reply = await register(controlPlane);
      const empty = await configOf(controlPlane, reply.gateway_id);
      const api = await defineApi(controlPlane);
      const deployment = await deploy(controlPlane, api.api_id, reply.name);
      const full = await configOf(controlPlane, reply.gateway_id);
      assert.deepEqual(
        full.config.items.map(({ id }) => id).filter((id) => id.startsWith('api:')),
        [`api:${api.api_id}`],
      );
      assert.equal(full.config.hash, `sha256:${createHash('sha256').update(canonicalJson(full.config.items)).digest('hex')}`);
      assert.ok(isSigned(reply, full.config));
      assert.equal((await configOf(controlPlane, reply.gateway_id)).config.generation, full.config.generation);
      await controlPlane.call('deleteDeployment', { path: { deployment_id: deployment.deployment_id } });
      const last = await configOf(controlPlane, reply.gateway_id);
      assert.deepEqual(
        last.config.items.filter(({ kind }) => kind === 'api'),
        [],
      );
      assert.ok(empty.config.generation < full.config.generation && full.config.generation < last.config.generation);
      assert.equal(new Set([empty.etag, full.etag, last.etag]).size, 3);
    },
  );

  check(['CONF-003'], 'the feed says 304 when there is nothing newer, and speaks up as soon as there is', async (controlPlane) => {
    const { gateway_id, name } = await register(controlPlane);
    const { etag } = await configOf(controlPlane, gateway_id);
    const poll = (wait_s: number) =>
      controlPlane.call<GatewayConfig>('getGatewayConfig', { path: { gateway_id }, query: { wait_s }, headers: { 'if-none-match': etag } });
    assert.equal((await poll(0)).status, 304);
    assert.equal((await poll(1)).status, 304);
    const api = await defineApi(controlPlane);
    const waiting = poll(55);
    await deploy(controlPlane, api.api_id, name);
    // Long before it would have answered that there is nothing.
    const late = delay(30_000, undefined, { ref: false }).then(() => assert.fail('the feed did not notice the news while it waited'));
    const { status, body } = await Promise.race([waiting, late]);
    assert.equal(status, 200);
    assert.ok(body.items.some(({ id }) => id === `api:${api.api_id}`));
  });

  check(['CONF-013'], 'a gateway that says what it holds is sent what differs, by lines that their hashes name', async (controlPlane) => {
    const reply = await register(controlPlane);
    if (!(reply.features ?? []).includes('config_base')) throw new Unavailable('The server does not name the feature config_base.');
    await deploy(controlPlane, (await defineApi(controlPlane)).api_id, reply.name);
    const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
    const differenceTo = async (base: string) => {
      const options = { path: { gateway_id: reply.gateway_id }, query: { base }, headers: { 'accept-encoding': 'identity' } };
      const { text } = await controlPlane.call<string>('getGatewayConfig', options);
      const [first = '', ...lines] = text.split('\n').slice(0, -1);
      return { manifest: JSON.parse(first) as ConfigManifest, lines };
    };
    const { manifest, lines } = await differenceTo(sha256(''));
    assert.deepEqual(
      manifest.changed.map(({ hash, size }) => [hash, size]),
      lines.map((line) => [sha256(line), Buffer.byteLength(line)]),
    );
    assert.equal(manifest.hash, sha256(manifest.changed.map(({ hash }) => `${hash.slice('sha256:'.length)}\n`).join('')));
    assert.ok(isSigned(reply, manifest));
    const { manifest: none } = await differenceTo(manifest.hash);
    assert.deepEqual([none.base, none.removed, none.changed], [manifest.hash, [], []]);
    const item = await controlPlane.call('getConfigItem', { path: { gateway_id: reply.gateway_id, hash: manifest.changed[0]?.hash ?? '' } });
    assert.deepEqual(item.body, JSON.parse(lines[0] ?? ''));
  });

  check(['CONF-003'], 'a gateway that is decommissioned while it waits is told', async (controlPlane) => {
    const { gateway_id } = await register(controlPlane);
    const { etag } = await configOf(controlPlane, gateway_id);
    const waiting = controlPlane.call('getGatewayConfig', { path: { gateway_id }, query: { wait_s: 2 }, headers: { 'if-none-match': etag } });
    await controlPlane.call('decommissionGateway', { path: { gateway_id } });
    assert.ok([304, 410].includes((await waiting).status));
    assert.equal((await controlPlane.call('getGatewayConfig', { path: { gateway_id }, headers: { 'if-none-match': etag } })).status, 410);
  });

  check(['CONF-007'], 'lesson 12: only what was applied is in sync; rejected is rejected, whatever was applied before', async (controlPlane) => {
    const { gateway_id, name } = await register(controlPlane);
    const api = await defineApi(controlPlane);
    await deploy(controlPlane, api.api_id, name);
    const { config } = await configOf(controlPlane, gateway_id);
    const stateNow = async () => (await gatewayPage(controlPlane, gateway_id)).config;
    assert.equal((await stateNow()).state, 'pending');
    assert.equal((await acknowledge(controlPlane, config, 'applied')).status, 204);
    assert.equal((await stateNow()).state, 'in_sync');
    assert.equal((await acknowledge(controlPlane, config, 'rejected')).status, 204);
    const { state, items } = await stateNow();
    assert.equal(state, 'rejected');
    assert.deepEqual(
      items?.map(({ id, state: what, phase, reason }) => [id, what, phase, reason]),
      config.items.map(({ id }) => [id, 'rejected', 'apply', 'because']),
    );
    await acknowledge(controlPlane, config, 'applied_with_warnings');
    assert.equal((await stateNow()).state, 'in_sync_with_warnings');
    await deploy(controlPlane, (await defineApi(controlPlane)).api_id, name);
    const { config: newer } = await configOf(controlPlane, gateway_id);
    assert.equal((await stateNow()).state, 'pending');
    await acknowledge(controlPlane, newer, 'rejected');
    // An acknowledgement of the older generation that comes late says nothing about the newer one.
    await acknowledge(controlPlane, config, 'applied');
    assert.equal((await stateNow()).state, 'rejected');
  });

  check(['CONF-007'], 'lesson 12: a part that was rejected is not shown as applied where it was deployed', async (controlPlane) => {
    const { gateway_id, name } = await register(controlPlane);
    const deployment = await deploy(controlPlane, (await defineApi(controlPlane)).api_id, name);
    const { config } = await configOf(controlPlane, gateway_id);
    await acknowledge(controlPlane, config, 'applied_with_warnings', 'rejected');
    const { body } = await controlPlane.call<Deployment>('getDeployment', { path: { deployment_id: deployment.deployment_id } });
    assert.deepEqual(
      body.gateways?.map(({ state, phase, reason }) => [state, phase, reason]),
      [['rejected', 'apply', 'because']],
    );
    assert.match((await gatewayPage(controlPlane, gateway_id)).config.state, /rejected$/);
  });

  check(
    ['CONF-020', 'CONF-004', 'REG-003'],
    'new signing keys are named by heartbeats, and used for a gateway that was told of them; one that does not register again goes on with what it knows',
    async (controlPlane) => {
      const bootId = randomUUID();
      const [reply, untold] = [await register(controlPlane, { boot_id: bootId }), await register(controlPlane)];
      const beatOf = ({ gateway_id }: RegisterReply) => controlPlane.call<HeartbeatReply>('heartbeat', { path: { gateway_id }, body: beat() });
      assert.equal((await beatOf(reply)).body.signing_keys_id, reply.signing_keys_id);
      const before = await configOf(controlPlane, reply.gateway_id);
      const keyId = await controlPlane.rotateSigningKey();
      await until('heartbeats name the new set', async () => (await beatOf(reply)).body.signing_keys_id !== reply.signing_keys_id);
      assert.deepEqual((await configOf(controlPlane, reply.gateway_id)).config.signature, before.config.signature);
      const again = await register(controlPlane, { instance_name: reply.name, boot_id: bootId });
      assert.deepEqual([again.gateway_id, again.lease_epoch], [reply.gateway_id, reply.lease_epoch]);
      assert.equal(again.signing_keys_id, (await beatOf(reply)).body.signing_keys_id);
      const known = new Set(reply.signing_keys?.map(({ key_id }) => key_id));
      assert.ok(
        again.signing_keys?.some(({ key_id }) => known.has(key_id)),
        'the new set shares no key with the one before',
      );
      const { config, etag } = await configOf(controlPlane, reply.gateway_id);
      assert.deepEqual([config.signature.key_id, config.generation, config.hash], [keyId, before.config.generation, before.config.hash]);
      assert.ok(isSigned(again, config) && etag !== before.etag);
      const old = await configOf(controlPlane, untold.gateway_id);
      assert.ok(isSigned(untold, old.config));
    },
  );

  check(['CONF-008'], 'a generation that was never issued, or another content of one, is no success', async (controlPlane) => {
    const { gateway_id, name } = await register(controlPlane);
    await deploy(controlPlane, (await defineApi(controlPlane)).api_id, name);
    const { config } = await configOf(controlPlane, gateway_id);
    assert.equal((await acknowledge(controlPlane, { ...config, generation: config.generation + 1 }, 'applied')).status, 422);
    assert.equal((await acknowledge(controlPlane, { ...config, hash: `sha256:${'0'.repeat(64)}` }, 'applied')).status, 422);
    assert.notEqual((await gatewayPage(controlPlane, gateway_id)).config.state, 'in_sync');
  });

  check(['CONF-008'], 'a generation that a gateway was never given is no success, before it was given any', async (controlPlane) => {
    const { gateway_id } = await register(controlPlane);
    const { config } = await configOf(controlPlane, gateway_id);
    assert.equal((await acknowledge(controlPlane, config, 'applied')).status, 204);
    assert.equal((await acknowledge(controlPlane, { ...config, generation: config.generation + 7 }, 'applied')).status, 422);
    assert.equal((await acknowledge(controlPlane, { ...config, hash: `sha256:${'0'.repeat(64)}` }, 'applied')).status, 422);
  });

  check(
    ['CONF-003', 'CONF-005'],
    'what did not change keeps its generation and its ETag, and asking for it again is answered with 304',
    async (controlPlane) => {
      const { gateway_id } = await register(controlPlane);
      const [one, other] = [await configOf(controlPlane, gateway_id), await configOf(controlPlane, gateway_id)];
      assert.deepEqual([one.etag, one.config.generation], [other.etag, other.config.generation]);
      for (const wait_s of [0, 1]) {
        const beganMs = Date.now();
        const headers = { 'if-none-match': one.etag };
        assert.equal((await controlPlane.call('getGatewayConfig', { path: { gateway_id }, query: { wait_s }, headers })).status, 304);
        // Not a bound on how fast: who is asked to wait for news and does not is asked again at once, for ever.
        assert.ok(Date.now() >= beganMs + wait_s * 900, 'it did not wait for news');
      }
    },
  );

  check(['CONF-011'], 'what was observed is shown, and the next report replaces it', async (controlPlane) => {
    const { gateway_id } = await register(controlPlane, { gateway_mode: 'connect', target_gateway: { type: 'kong' } });
    const report = (name: string) =>
      controlPlane.call('reportObservedState', {
        path: { gateway_id },
        body: { apis: [{ name, managed: false }], drift: [{ object: `route ${name}`, kind: 'missing' }] },
      });
    assert.equal((await report('billing')).status, 204);
    assert.equal((await report('payments')).status, 204);
    if (!controlPlane.hasOperator) return;
    const { observed } = await gatewayPage(controlPlane, gateway_id);
    assert.deepEqual(observed, { apis: [{ name: 'payments', managed: false }], drift: [{ object: 'route payments', kind: 'missing' }] });
  });

  check(['CONF-021'], 'a question is given out once, and its answer reaches whoever asked', async (controlPlane) => {
    const { gateway_id, name } = await register(controlPlane, { gateway_mode: 'connect', features: ['subscriptions', 'plans', 'dry_run'] });
    const path = { gateway_id };
    const { api_id } = await defineApi(controlPlane);
    const polling = controlPlane.call<{ dry_run_id: string; items: { id: string }[] }>('takeDryRun', { path, query: { wait_s: 20 } });
    const body = { api_id, targets: { instance_names: [name] } };
    const asking = controlPlane.call<{ gateways: { state: string; told_by: string }[] }>('createDeployment', { query: { dry_run: 'true' }, body });
    const { body: question } = await polling;
    assert.deepEqual(
      question.items.map(({ id }) => id),
      [`api:${api_id}`],
    );
    assert.equal((await controlPlane.call('takeDryRun', { path })).status, 204);
    const answer = { dry_run_id: question.dry_run_id, state: 'applied', items: [], writes: [{ action: 'put', object: 'service pets' }] };
    assert.equal((await controlPlane.call('answerDryRun', { path, body: answer })).status, 204);
    const [told] = (await asking).body.gateways;
    assert.deepEqual([told?.state, told?.told_by], ['planned', 'gateway']);
    assert.deepEqual((await configOf(controlPlane, gateway_id)).config.items, []);
  });

  check(['CONF-022'], 'it waits, is granted to one attempt after the yes, and waits anew afterwards', async (controlPlane) => {
    const { gateway_id } = await register(controlPlane);
    const { api_id } = await defineApi(controlPlane);
    const { body: consumer } = await controlPlane.call<{ consumer_id: string }>('createConsumer', { body: { name: `agent-${gateway_id}` } });
    const call = callOf(api_id, consumer.consumer_id);
    const ask = async (claim_id: string) =>
      (await controlPlane.call<CallApprovalAnswer>('askCallApproval', { path: { gateway_id }, body: { ...call, claim_id } })).body;
    const [first, second] = [randomUUID(), randomUUID()];
    const { state, approval_id } = await ask(first);
    assert.equal(state, 'pending');
    assert.equal((await controlPlane.call('approveApproval', { path: { approval_id: approval_id ?? '' }, body: {} })).status, 200);
    assert.equal((await ask(first)).state, 'granted');
    assert.equal((await ask(first)).state, 'granted');
    assert.equal((await ask(second)).state, 'pending');
  });
};
