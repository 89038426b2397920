import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Api, Deployment, Gateway, GatewayModes } from '@stoa/generated/schemas.ts';
import type { ControlPlane } from '../../subjects/over-http.ts';
import { callByNewerSdk, callByOlderSdk } from '../../subjects/mcp-clients.ts';
import { Bench } from '../../subjects/runtime.ts';
import type { RuntimeKind } from '../../subjects/runtime.ts';
import { until } from '../../until.ts';
import type { Suite } from '../case.ts';
import { listOrdersTool } from './items.ts';

export type RuntimeAndServer = { kind: RuntimeKind; controlPlane: ControlPlane };

const ordersDocument = new URL('../../../examples/orders/openapi.yaml', import.meta.url);

async function find({ controlPlane, kind }: RuntimeAndServer, name: string): Promise<Gateway | undefined> {
  const { body } = await controlPlane.call<GatewayModes>('getGatewayModes');
  return body.modes.find(({ gateway_mode }) => gateway_mode === kind.mode)?.instances.find(({ instance_name }) => instance_name === name);
}

async function defineOrders(controlPlane: ControlPlane, bench: Bench): Promise<{ api: Api; consumerKey: string }> {
  const name = bench.instanceName.slice(0, 40);
  const document = await readFile(ordersDocument, 'utf8');
  const { body: api } = await controlPlane.call<Api>('createApi', { body: { name: 'orders', document, upstream_url: bench.ordersUrl } });
  await controlPlane.call('createPolicy', {
    body: { name: `${name}-keys`, policy: { kind: 'api_key_auth', config: { header: 'X-API-Key' } }, attached_to: [{ api_id: api.api_id }] },
  });
  const { body: consumer } = await controlPlane.call<{ consumer_id: string }>('createConsumer', { body: { name } });
  const { body: key } = await controlPlane.call<{ secret: string }>('createConsumerKey', { path: { consumer_id: consumer.consumer_id }, body: {} });
  await controlPlane.call('createSubscription', { body: { api_id: api.api_id, consumer_id: consumer.consumer_id } });
  return { api, consumerKey: key.secret };
}

/** Define once, expose everywhere: clients of both eras of MCP find the operations of the document and get real data. */
async function callByBothSdks(url: string, key: string): Promise<void> {
  for (const call of [callByOlderSdk, callByNewerSdk]) {
    const { tools, ok } = await call(url, key, listOrdersTool);
    assert.ok(ok && tools.length > 1 && tools.every((name) => name.startsWith('orders_')), tools.join(', '));
  }
}

/** The same contract with the real server at the other end. */
export const realServer: Suite<RuntimeAndServer> = (check) => {
  check(
    ['REG-001', 'REG-013', 'BEAT-001', 'CONF-006', 'CONF-007', 'CONF-019', 'BYE-001', 'REG-009'],
    'it appears under its mode, gets in sync with what is deployed, learns a new signing key, loses what is undeployed, and leaves',
    (subject) =>
      Bench.with(subject.kind, async (bench) => {
        const { controlPlane, kind } = subject;
        const { secret } = await controlPlane.mintKey({ modes: [kind.mode], environments: ['production'] });
        const running = await bench.start({ controlPlaneUrl: controlPlane.url, key: secret });
        const shown = (ask: (gateway: Gateway) => boolean) => async () => {
          const gateway = await find(subject, bench.instanceName);
          return gateway !== undefined && ask(gateway);
        };
        await until(
          'it is shown online',
          shown(({ liveness }) => liveness === 'online'),
        );
        const { api, consumerKey } = await defineOrders(controlPlane, bench);
        bench.consumerKey = consumerKey;
        const { body: deployment } = await controlPlane.call<Deployment>('createDeployment', {
          body: { api_id: api.api_id, targets: { instance_names: [bench.instanceName] } },
        });
        await until(
          'it is in sync',
          shown(({ config }) => config.state === 'in_sync' && config.desired_generation > 0),
        );
        assert.ok(await bench.serves(running));
        if (kind.servesMcp) await callByBothSdks(`${running.url}/mcp`, consumerKey);
        await until(
          'a heartbeat is stored',
          shown(({ status }) => status === 'healthy'),
        );
        assert.deepEqual((await find(subject, bench.instanceName))?.unknown_fields, []);
        const signingKey = await controlPlane.rotateSigningKey();
        await until('it was told the new key', async () => {
          const told = await controlPlane.query<{ signing_key: string }>('SELECT signing_key FROM gateway WHERE instance_name = $1', [
            bench.instanceName,
          ]);
          return told[0]?.signing_key === signingKey;
        });
        assert.ok(await bench.serves(running));
        await controlPlane.call('deleteDeployment', { path: { deployment_id: deployment.deployment_id } });
        await until('what is undeployed is gone', () => bench.serves(running, false));
        await until(
          'it is in sync again',
          shown(({ config }) => config.state === 'in_sync'),
        );
        await controlPlane.call('deleteApi', { path: { api_id: api.api_id } });
        assert.equal(await running.stop(), 0);
        assert.equal((await find(subject, bench.instanceName))?.liveness, 'left');
      }),
  );
};
