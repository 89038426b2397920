import { SlowProxy } from '@stoa/mcp/decide/replicas/testing/slow-proxy.ts';
import { TestIssuer } from '@stoa/mcp/testing/issuer.ts';
import { done } from './ask.ts';
import type { Ask } from './ask.ts';

const audience = 'laboratory';
let made = 0;

/** An issuer that the tenant trusts, for as long as it is used. */
export type LabIssuer = {
  /** A token of a consumer. */
  sign(claims?: Record<string, unknown>): Promise<string>;
  /** Signs by another key from now on. */
  rotate(): Promise<void>;
  /** Takes questions and answers none. */
  hang(): void;
  /** Answers again. */
  answer(): void;
};

export async function withIssuer<T>(ask: Ask, use: (issuer: LabIssuer) => Promise<T>): Promise<T> {
  made += 1;
  const name = `issued${made}`;
  const issuer = new TestIssuer();
  await issuer.addKey();
  await issuer.listen();
  const proxy = await SlowProxy.before(Number(new URL(issuer.issuer).port));
  issuer.issuer = issuer.endpoints = proxy.url.replace('redis:', 'http:');
  const { consumer_id } = await done(ask<{ consumer_id: string }>('POST', '/v1/consumers', { name }));
  const rules = { issuer: issuer.issuer, audiences: [audience], consumers: [{ claim: 'azp', value: 'lab', consumer: name }] };
  const { trusted_issuer_id } = await done(ask<{ trusted_issuer_id: string }>('POST', '/v1/trusted-issuers', { name, rules }));
  try {
    return await use({
      sign: (claims = {}) => issuer.sign({ aud: audience, azp: 'lab', ...claims }),
      rotate: async () => void (await issuer.addKey()),
      hang: () => {
        proxy.cut();
        proxy.delayMs = 60_000;
      },
      answer: () => {
        proxy.delayMs = 0;
        proxy.cut();
      },
    });
  } finally {
    await ask('DELETE', `/v1/trusted-issuers/${trusted_issuer_id}`);
    await ask('DELETE', `/v1/consumers/${consumer_id}`);
    proxy.close();
    await issuer.close();
  }
}
