import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { CallApprovalAnswer } from '@stoa/generated/schemas.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configOf, keys, modern, operations, startDoor, startUpstream } from './testing/fixture.ts';
import type { TestDoor, Upstream } from './testing/fixture.ts';

const approvalId = '7b0c5d0e-1111-4222-8333-444455556666';
const place = `https://stoa.example/approvals#${approvalId}`;
const init = { requestInit: { headers: { authorization: `Bearer ${keys.agent}` } } };
const args = { name: 'getOrder', arguments: { id: 'o1' } };

let upstream: Upstream;
let door: TestDoor;
/** What a person has said: nothing yet, yes, which is used up by a call, or no. */
let said: 'nothing' | 'yes' | 'no';
let clients: { close(): Promise<void> }[];
beforeEach(async () => {
  said = 'nothing';
  clients = [];
  upstream = await startUpstream();
  const apiId = '0b0c5d0e-1111-4222-8333-444455556666';
  const policyId = '1b0c5d0e-1111-4222-8333-444455556666';
  const policy = { kind: 'approval' as const, config: { operations: ['getOrder'] } };
  const item = { id: `policy:${policyId}`, kind: 'policy' as const, policy_id: policyId, name: 'a-person-says-yes', policy, api_ids: [apiId] };
  const ask = async (): Promise<CallApprovalAnswer> => {
    if (said === 'no') return { state: 'denied', reason: 'Not today.' };
    if (said === 'nothing') return { state: 'pending', approval_id: approvalId, approve_at: place, expires_at: '2026-11-22T19:24:00.000Z' };
    said = 'nothing';
    return { state: 'granted' };
  };
  door = await startDoor({ config: configOf(Object.values(operations), upstream.url, [item]), approvals: { ask } });
});
afterEach(async () => {
  for (const client of clients) await client.close();
  await door.close();
  upstream.server.closeAllConnections();
  upstream.server.close();
});

async function connectOlder(): Promise<Pick<OlderClient, 'callTool'>> {
  const client = new OlderClient({ name: 'older', version: '1' });
  await client.connect(new OlderTransport(new URL(door.url), init));
  clients.push(client);
  return client;
}

async function connectModern(capabilities: object = {}): Promise<ModernClient> {
  const client = new ModernClient({ name: 'modern', version: '1' }, { versionNegotiation: { mode: { pin: modern } }, capabilities });
  await client.connect(new ModernTransport(new URL(door.url), init));
  clients.push(client);
  return client;
}

const waits = {
  isError: true,
  content: [{ text: expect.stringMatching(new RegExp(`waits for a person's yes and was not made.*${approvalId} at ${place}`)) as string }],
};

describe('a call that waits for a person', () => {
  it('is an error that says what it would do and where to approve it to a client of before, and passes once after the yes', async () => {
    const client = await connectOlder();
    expect(await client.callTool(args)).toMatchObject(waits);
    expect(upstream.seen).toEqual([]);
    said = 'yes';
    expect(await client.callTool(args)).toMatchObject({ structuredContent: { id: 'o1' } });
    expect(await client.callTool(args)).toMatchObject(waits);
    expect(upstream.seen).toEqual(['/orders/o1']);
  });

  it('has a client of 2026-07-28 show the person where to say yes, and is made when it comes back', async () => {
    const client = await connectModern({ elicitation: { url: {} } });
    const shown: unknown[] = [];
    client.setRequestHandler('elicitation/create', ({ params }) => {
      shown.push(params);
      said = 'yes';
      return { action: 'accept' };
    });
    expect(await client.callTool(args)).toMatchObject({ structuredContent: { id: 'o1' } });
    expect(shown).toMatchObject([
      { mode: 'url', url: place, message: expect.stringContaining('GET /orders/{id} to the API orders with the arguments {"id":"o1"}') as string },
    ]);
    expect(upstream.seen).toEqual(['/orders/o1']);
  });

  it('is an error to such a client when it comes back and nobody has said anything yet, so that it goes in no circle', async () => {
    const client = await connectModern({ elicitation: { url: {} } });
    let asked = 0;
    client.setRequestHandler('elicitation/create', () => ((asked += 1), { action: 'accept' }));
    expect(await client.callTool(args)).toMatchObject(waits);
    expect(asked).toBe(1);
    expect(upstream.seen).toEqual([]);
  });

  it('is an error to a client of 2026-07-28 that shows no URLs', async () => {
    expect(await (await connectModern()).callTool(args)).toMatchObject(waits);
    expect(await (await connectModern({ elicitation: { form: {} } })).callTool(args)).toMatchObject(waits);
  });

  it('says what a person said who refused it', async () => {
    said = 'no';
    const refused = { isError: true, content: [{ text: expect.stringMatching(/A person refused this call.*He said: Not today\./) as string }] };
    expect(await (await connectOlder()).callTool(args)).toMatchObject(refused);
    expect(await (await connectModern({ elicitation: { url: {} } })).callTool(args)).toMatchObject(refused);
  });

  it('lets tools through that the policy does not name', async () => {
    expect(await (await connectOlder()).callTool({ name: 'textOrder', arguments: { id: 'o1' } })).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('succeeded') as string }],
    });
  });
});
