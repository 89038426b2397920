import type { Experiment } from '../experiment.ts';
import { asker, done } from '../lab/ask.ts';
import { callTool } from '../lab/tools.ts';
import { seconds, secondsUntil } from '../lab/until.ts';

export const revokedKey: Experiment = {
  id: 'revoked-key',
  criterion: 'A revoked consumer key and a revoked operator token are refused everywhere within 5 s.',
  async run(lab) {
    const tools = await lab.tools();
    const { up } = tools.system;
    const { ask } = tools;
    const { consumer_id } = await done(ask<{ consumer_id: string }>('POST', '/v1/consumers', { name: 'revoked' }));
    const key = await done(ask<{ key: { key_id: string }; secret: string }>('POST', `/v1/consumers/${consumer_id}/keys`, {}));
    const token = await done(
      ask<{ token: { token_id: string }; secret: string }>('POST', '/v1/operator-tokens', { name: 'revoked', role: 'viewer' }),
    );
    const { items } = await done(ask<{ items: { api_id: string }[] }>('GET', '/v1/apis?name=orders'));
    // Third-party gateways are told of consumers that may call something.
    await done(ask('POST', '/v1/subscriptions', { api_id: items[0]?.api_id, consumer_id }));
    const link = new URL(up.mcp.link_url).origin;
    /** Whether each door knows the credential: one that it does not know is 401, one that it knows has any other answer. */
    const doors: (() => Promise<boolean>)[] = [
      async () =>
        (await callTool(up.mcp.gateway_url, 'lab_good', {}, key.secret)).text !== 'HTTP 401' && (await isKnown(up.mcp.gateway_url, key.secret)),
      () => isKnown(up.mcp.link_url, key.secret),
      () => isKnown(`${up.kong_proxy_url}/orders`, key.secret),
      async () => (await asker(up.control_plane_url, token.secret)('GET', '/v1/policies')).status !== 401,
      async () =>
        (await fetch(`${link}/authz`, { headers: { 'x-api-key': key.secret, 'x-original-method': 'GET', 'x-original-uri': '/orders' } })).status !==
        401,
    ];
    const count = async () => (await Promise.all(doors.map((door) => door().catch(() => true)))).filter(Boolean).length;
    await secondsUntil(async () => (await count()) === doors.length, 30);
    await done(ask('DELETE', `/v1/consumers/${consumer_id}/keys/${key.key.key_id}`));
    await done(ask('DELETE', `/v1/operator-tokens/${token.token.token_id}`));
    const tookS = await secondsUntil(async () => (await count()) === 0, 30);
    return { figure: `${seconds(tookS)} on ${doors.length} doors`, passed: tookS <= 5 };
  },
};

async function isKnown(url: string, key: string): Promise<boolean> {
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${key}`, 'x-api-key': key, accept: 'application/json, text/event-stream' },
    ...(url.endsWith('/mcp') && {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, accept: 'application/json, text/event-stream', 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
    }),
  });
  await response.body?.cancel();
  return response.status !== 401;
}
