import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import type { ControlPlane } from '../../subjects/over-http.ts';
import type { Suite } from '../case.ts';
import { beat, register } from './samples.ts';

type Told = { status: number | undefined; type: string | undefined; headers: Record<string, unknown>; body: unknown };
type Beat = { gatewayId: string; token: string; text: string; contentType?: string };

/**
 * Sends one heartbeat. The lane takes bodies of known length alone, so a chunked one goes through the framework; this is the one
 * difference between the two requests.
 */
function send(
  controlPlane: ControlPlane,
  { gatewayId, token, text, contentType = 'application/json' }: Beat,
  way: 'lane' | 'framework',
): Promise<Told> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${controlPlane.url}/v1/internal/gateways/${gatewayId}/heartbeat`,
      {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': contentType,
          ...(way === 'lane' ? { 'content-length': Buffer.byteLength(text) } : { 'transfer-encoding': 'chunked' }),
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(comparable(response.statusCode, response.headers, Buffer.concat(chunks).toString())));
      },
    );
    outgoing.on('error', reject);
    outgoing.end(text);
  });
}

/**
 * Without what differs between any two answers (the request's id, the date, the connection) and without what protects pages in browsers, which
 * send no heartbeats.
 */
function comparable(status: number | undefined, headers: Record<string, unknown>, text: string): Told {
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  if (typeof body === 'object' && body !== null && 'request_id' in body) body.request_id = 'compared elsewhere';
  const told = ['cache-control', 'retry-after', 'www-authenticate'];
  return { status, type: String(headers['content-type']), headers: Object.fromEntries(told.map((name) => [name, headers[name]])), body };
}

const bodies: Record<string, string> = {
  "the ADR's own": JSON.stringify(beat()),
  'everything we add': JSON.stringify(beat({ seq: 3, config: { generation: 0, hash: '', state: 'none' } })),
  'fields that nobody knows': JSON.stringify(beat({ hostname: 'pod-17', nested: { deep: [1] } })),
  'no metrics': JSON.stringify(beat({ metrics: {} })),
  'white space around': `  ${JSON.stringify(beat())}\n`,
  'the largest uptime': JSON.stringify(beat({ uptime_s: 1e12 })),
  'an uptime beyond': JSON.stringify(beat({ uptime_s: 1e12 + 1 })),
  'a negative uptime': JSON.stringify(beat({ uptime_s: -1 })),
  'an unknown status': JSON.stringify(beat({ status: 'fine' })),
  'three faults': JSON.stringify({ status: 'fine', metrics: { requests_total: 'many' } }),
  'numbers as text': JSON.stringify(beat({ uptime_s: '3600' })),
  'a null': JSON.stringify(beat({ metrics: null })),
  'an epoch of zero': JSON.stringify(beat({ lease_epoch: 0 })),
  'a stale epoch': JSON.stringify(beat({ lease_epoch: 99 })),
  'half a config': JSON.stringify(beat({ config: { generation: 1 } })),
  'a metric with a long name': JSON.stringify(beat({ metrics: { ['x'.repeat(129)]: 1 } })),
  'too many metrics': JSON.stringify(beat({ metrics: Object.fromEntries(Array.from({ length: 257 }, (_, index) => [`m${index}`, index])) })),
  'a list': '[]',
  'a text': '"healthy"',
  null: 'null',
  nothing: '',
  'half of it': '{"status":"healthy"',
  'no JSON': 'status=healthy',
  'a duplicate member': '{"status":"unhealthy","status":"healthy","uptime_s":1,"metrics":{}}',
  'a prototype': '{"status":"healthy","uptime_s":1,"metrics":{},"__proto__":{"lease_epoch":99}}',
  'a NUL in an unknown field': JSON.stringify(beat({ note: 'a\u0000b' })),
  'a NUL in the name of a metric': JSON.stringify(beat({ metrics: { 'a\u0000b': 1 } })),
  'a NUL in the hash': JSON.stringify(beat({ config: { generation: 0, hash: 'a\u0000b', state: 'none' } })),
  'a sequence beyond 64 bits': JSON.stringify(beat({ seq: 1e30 })),
  'a generation beyond 64 bits': JSON.stringify(beat({ config: { generation: 1e30, hash: '', state: 'none' } })),
  'an epoch beyond 32 bits': JSON.stringify(beat({ lease_epoch: 4294967296 })),
};

export const lanes: Suite<ControlPlane> = (check) => {
  const compare = async (controlPlane: ControlPlane, given: Beat): Promise<Told> => {
    const viaFramework = await send(controlPlane, given, 'framework');
    // The ordinary route has looked the credential up by now: the fast lane takes heartbeats with remembered ones only.
    assert.deepEqual(await send(controlPlane, given, 'lane'), viaFramework);
    return viaFramework;
  };

  for (const [name, text] of Object.entries(bodies)) {
    check(['BEAT-006'], `a heartbeat with ${name} is answered alike on both ways`, async (controlPlane) => {
      const { gateway_id } = await register(controlPlane);
      const { status } = await compare(controlPlane, { gatewayId: gateway_id, token: controlPlane.gatewayKey, text });
      assert.ok(status === 200 || status === 400 || status === 409, `status ${status}`);
    });
  }

  check(['BEAT-006'], 'whom a heartbeat is from and for is judged alike on both ways', async (controlPlane) => {
    const text = JSON.stringify(beat());
    const { gateway_id: gatewayId } = await register(controlPlane);
    const ours = { gatewayId, token: controlPlane.gatewayKey, text };
    const senders: [Beat, number][] = [
      [ours, 200],
      [{ ...ours, gatewayId: gatewayId.toUpperCase() }, 200],
      [{ ...ours, gatewayId: randomUUID() }, 404],
      [{ ...ours, gatewayId: 'not-a-uuid' }, 400],
      [{ ...ours, token: 'stoa_gk_unknown' }, 401],
      [{ ...ours, contentType: 'text/plain' }, 415],
      [{ ...ours, contentType: 'application/json; charset=utf-8' }, 200],
      [{ ...ours, contentType: 'application/jsonp' }, 415],
      [{ ...ours, contentType: 'application/json; charset=utf-16' }, 415],
    ];
    for (const [given, wanted] of senders) assert.equal((await compare(controlPlane, given)).status, wanted, JSON.stringify({ ...given, token: '' }));
  });

  check(['BEAT-006'], 'a key that is good for something else is refused alike on both ways', async (controlPlane) => {
    const { gateway_id: gatewayId } = await register(controlPlane);
    const { secret: foreign } = await controlPlane.mintKey({ modes: ['connect'] });
    const senders: [string, number][] = [
      [controlPlane.adminToken, 403],
      [foreign, 403],
      [(await controlPlane.anotherTenant()).gatewayKey, 404],
    ];
    for (const [token, wanted] of senders)
      assert.equal((await compare(controlPlane, { gatewayId, token, text: JSON.stringify(beat()) })).status, wanted);
  });

  check(['BEAT-006'], 'a heartbeat that is too large for the lane goes the ordinary way', async (controlPlane) => {
    const { gateway_id: gatewayId } = await register(controlPlane);
    const told = await compare(controlPlane, {
      gatewayId,
      token: controlPlane.gatewayKey,
      text: JSON.stringify(beat({ padding: 'x'.repeat(100_000) })),
    });
    assert.equal(told.status, 200);
    assert.equal(
      (await compare(controlPlane, { gatewayId, token: controlPlane.gatewayKey, text: JSON.stringify(beat({ padding: 'x'.repeat(5_000_000) })) }))
        .status,
      413,
    );
  });
};
