import { randomBytes } from 'node:crypto';
import { joinAsOwner, signIn } from '@stoa/server/testing/person.ts';
import { ScriptedBrowser } from '@stoa/server/testing/scripted-browser.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { startKeycloak } from '../keycloak/server.ts';
import { startSecondProvider } from '../system/second-provider.ts';

/** Where clients sign in. */
export type Issuer = {
  readonly issuer: string;
  /** Lets a client in, as a person does at the pages; answers where the browser is sent back to. Asked for one client after the other. */
  letIn(url: string): Promise<string>;
  stop(): Promise<void>;
};
export type IssuerKind = { readonly name: string; readonly toolchain: readonly string[]; start(needs: Needs): Promise<Issuer> };
type Needs = { readonly plane: TestControlPlane /** The MCP address. */; readonly resource: string /** A free port. */; readonly port: number };

/** Long enough for the Go SDK, which takes tokens for ended ten seconds before they are; short enough to wait for their end. */
export const tokenS = 15;

const password = 'seven green lamps at sea';

export const issuers: readonly IssuerKind[] = [
  {
    name: 'the embedded issuer',
    toolchain: [],
    async start({ plane }) {
      const owner = await joinAsOwner(plane);
      const browser = new ScriptedBrowser(plane.url);
      const provider = await plane.context.issuer();
      (provider.AccessToken as unknown as { expiresIn(): number }).expiresIn = () => tokenS;
      return {
        issuer: `${plane.url}/oidc`,
        async letIn(url) {
          const page = await browser.open(url);
          const consent = page.text.includes('name="password"') ? await signIn(browser, page, owner) : page;
          return (await browser.submit(consent, {}, '/consent')).url;
        },
        stop: () => Promise.resolve(),
      };
    },
  },
  {
    name: 'a second provider',
    toolchain: [],
    async start() {
      const { issuer, stop } = await startSecondProvider(undefined, tokenS);
      return {
        issuer,
        async letIn(url) {
          const browser = new ScriptedBrowser(issuer);
          const page = await browser.submit(await browser.open(url), { login: 'ada', password: 'any' });
          return (await browser.submit(page)).url;
        },
        stop,
      };
    },
  },
  {
    name: 'Keycloak 26.7.3',
    toolchain: ['java', 'mvn'],
    async start({ resource, port }) {
      const env = { GATEWAY_RESOURCE: resource, GATEWAY_SECRET: randomBytes(24).toString('base64url') };
      const users = [{ username: 'ann', password, groups: [] }];
      const { issuer, stop } = await startKeycloak({ port, realm: 'agents', env, users, settings: { accessTokenLifespan: tokenS } });
      return {
        issuer,
        async letIn(url) {
          const browser = new ScriptedBrowser(new URL(issuer).origin);
          const page = await browser.submit(await browser.open(url), { username: 'ann', password });
          return (await browser.submit(page, { accept: 'Yes' })).url;
        },
        stop,
      };
    },
  },
];
