import { createLogger } from '@stoa/lib/log.ts';
import { describe, expect, it } from 'vitest';
import type { ApiEntry } from '../model.ts';
import type { McpAnswer, McpPeer, PeerRequest } from './peer.ts';
import { FederatedServer } from './server.ts';

const hello = JSON.stringify({ supportedVersions: ['2026-07-28'], capabilities: {} });

describe('a call that waits for a new session', () => {
  it('is settled when its server is replaced meanwhile', async () => {
    const connected = Promise.withResolvers<void>();
    const again = Promise.withResolvers<void>();
    let connections = 0;
    const makePeer = (): McpPeer => ({
      era: 'modern',
      request({ method, settle }: PeerRequest) {
        if (method !== 'server/discover') return settle({ kind: 'forgotten' });
        connections += 1;
        if (connections === 1) settle({ kind: 'result', text: hello });
        // The second attempt goes on for ever.
        else again.resolve();
      },
      notify: () => undefined,
      listen: () => undefined,
      close: () => undefined,
    });
    const server = new FederatedServer({
      entry: { name: 'tickets' } as ApiEntry,
      self: { name: 'stoa', title: 'STOA', version: '1' },
      makePeer,
      log: createLogger({ program: 'test', level: 'silent' }),
      changed: ({ state }) => state === 'connected' && connected.resolve(),
      resourceUpdated: () => undefined,
    });
    await connected.promise;
    const answered = new Promise<McpAnswer>((settle) => {
      server.request(() => ({ method: 'tools/call', params: {}, timeoutMs: 60_000, settle }));
    });
    await again.promise;
    void server.stop();
    expect(await answered).toMatchObject({ kind: 'failed', reason: expect.stringContaining('cannot be reached') as string });
  });
});
