import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { JWTHeaderParameters, JWTPayload } from 'jose';
import type { ScriptedBrowser, ScriptedPage } from '../scripted-browser.ts';
import type { Command, Someone } from './main.ts';

export type SecondIssuer = {
  url: string;
  /** Settings of a Control Plane that signs people in there. */
  env: Record<string, string>;
  /** Takes Control Planes, and the command line, for its clients. It tells the first of log-outs. */
  serve(...planeUrls: string[]): Promise<void>;
  /** Makes or changes a person. */
  person(person: Someone): Promise<void>;
  /** Any token, signed as it signs its own. */
  sign(payload: JWTPayload, header?: Partial<JWTHeaderParameters>): Promise<string>;
  /** Lets it answer nobody, or everybody again. */
  fail(isAway: boolean): Promise<void>;
  close(): Promise<void>;
};

export const audience = 'https://stoa.example/api';
const clientId = 'control-plane';
const secret = 'only for tests: of the control plane';

/** A provider that is none of ours, in a process of its own. */
export async function startSecondIssuer(): Promise<SecondIssuer> {
  const child = fork(join(import.meta.dirname, 'main.ts'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: ['--no-warnings'] });
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  const waiting = new Map<number, (answer: unknown) => void>();
  child.on('message', ({ id, answer }: { id: number; answer: unknown }) => waiting.get(id)?.(answer));
  let last = 0;
  const ask = <T>(command: Command): Promise<T> =>
    new Promise((resolve) => {
      last += 1;
      waiting.set(last, resolve as (answer: unknown) => void);
      child.send({ id: last, command });
    });
  return {
    url,
    env: {
      STOA_OIDC_ISSUER: url,
      STOA_OIDC_CLIENT_ID: clientId,
      STOA_OIDC_CLIENT_SECRET: secret,
      STOA_OIDC_AUDIENCE: audience,
      STOA_OIDC_ROLES: '/stoa/owners=owner,/stoa/readers=viewer,/stoa/night=operator,/acme=acme:auditor',
    },
    serve: (...planeUrls) =>
      ask({
        do: 'serve',
        audience,
        clients: [
          {
            client_id: clientId,
            client_secret: secret,
            redirect_uris: planeUrls.map((planeUrl) => `${planeUrl}/sign-in/callback`),
            grant_types: ['authorization_code', 'refresh_token'],
            backchannel_logout_uri: `${planeUrls[0]}/sign-in/backchannel-logout`,
            backchannel_logout_session_required: true,
          },
          {
            client_id: 'stoactl',
            application_type: 'native',
            token_endpoint_auth_method: 'none',
            redirect_uris: ['http://127.0.0.1/callback'],
            grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
          },
        ],
      }),
    person: (person) => ask({ do: 'person', person }),
    sign: (payload, header) => ask({ do: 'sign', payload, ...(header && { header }) }),
    fail: (isAway) => ask({ do: 'fail', isAway }),
    async close() {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

/** From any page that leads there to what comes after signing in as `sub`. */
export async function signInThere(browser: ScriptedBrowser, page: ScriptedPage, sub: string): Promise<ScriptedPage> {
  return browser.submit(page, { login: sub });
}
