import { describe, expect, it } from 'vitest';
import type { KeyMaterial } from '../access/master-key.ts';
import { openedCredentials, sealedCredentials, toUpstream } from './upstream-credentials.ts';

/** Seals nothing: what is stored is what is told here. */
const keys = {
  seal: (text: string, row: string) => Promise.resolve(Buffer.from(`${row} ${text}`)),
  open: (sealed: Uint8Array, row: string) =>
    Promise.resolve(
      Buffer.from(sealed)
        .toString('utf8')
        .slice(row.length + 1),
    ),
} as unknown as KeyMaterial;

describe('stored credentials for an upstream', () => {
  it('are a list, and what was stored as one header is a list of one', async () => {
    const api = { id: 'a', tenant_id: 't' };
    const before = await keys.seal(JSON.stringify({ header: 'X-Key', value: 'old' }), 'upstream_auth:a');
    expect(await openedCredentials(keys, api, before)).toEqual([{ in: 'header', name: 'X-Key', value: 'old' }]);
    const list = [{ scheme: 'k', in: 'query' as const, name: 'key', value: 'v' }];
    expect(await openedCredentials(keys, api, await sealedCredentials(keys, api, list))).toEqual(list);
    expect(await openedCredentials(keys, api, null)).toEqual([]);
  });

  it('keep for runtimes that know of one header only the form that they know', () => {
    const header = { in: 'header' as const, name: 'X-Key', value: 'a' };
    const query = { scheme: 'k', in: 'query' as const, name: 'key', value: 'b' };
    const url = 'http://127.0.0.1:9';
    expect(toUpstream(url, [])).toEqual({ url });
    expect(toUpstream(url, [header])).toEqual({ url, auth: { header: 'X-Key', value: 'a' } });
    expect(toUpstream(url, [query])).toEqual({ url, credentials: [query] });
    expect(toUpstream(url, [query, header])).toEqual({ url, auth: { header: 'X-Key', value: 'a' }, credentials: [query, header] });
  });
});
