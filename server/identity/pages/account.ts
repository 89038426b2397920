import { html } from './html.ts';
import type { Html } from './html.ts';
import { page } from './layout.ts';

type Shown = { id: string; what: 'browser' | 'client' | 'token'; name: string; since: Date; lastUsed: Date | undefined; isThis: boolean };
type Belongs = { tenantId: string; tenant: string; roles: readonly string[]; isThis: boolean };

const time = (date: Date) => html`<time datetime="${date.toISOString()}">${date.toISOString().slice(0, 16).replace('T', ' ')} UTC</time>`;

const words = { browser: 'End', client: 'End', token: 'Revoke' } as const;

const row = ({ id, what, name, since, lastUsed, isThis }: Shown): Html => html`<li><div>${isThis ? html`<strong>This browser</strong>` : name}
<p class="hint">since ${time(since)}${lastUsed && html`, last used ${time(lastUsed)}`}</p></div>
<form method="post" action="/account/end"><input type="hidden" name="what" value="${what}"><input type="hidden" name="id" value="${id}"><button type="submit" class="second small" aria-label="${words[what]} ${isThis ? 'the session of this browser' : name}, since ${since.toISOString()}">${words[what]}</button></form></li>`;

/** A tenant, with a button to work there; without one where there is no choice. */
const tenantRow =
  (to: string, hasChoice = true) =>
  ({ tenantId, tenant, roles, isThis }: Belongs): Html =>
    html`<li><div><strong>${tenant}</strong>
<p class="hint">${roles.join(', ')}${isThis && ' · this browser works here'}</p></div>
${
  hasChoice &&
  html`<form method="post" action="/account/tenant"><input type="hidden" name="tenant" value="${tenantId}"><input type="hidden" name="to" value="${to}"><button type="submit" class="second small">${isThis ? 'Stay in' : 'Work in'} ${tenant}</button></form>`
}</li>`;

/** Where a person belongs and is signed in, with a button to end each session, and how he signs in where that is ours. */
export const accountPage = ({
  name,
  hasPassword,
  memberships,
  sessions,
}: {
  name: string;
  hasPassword: boolean;
  memberships: readonly Belongs[];
  sessions: readonly Shown[];
}): Html => {
  const list = (what: Shown['what'], none: string) => {
    const rows = sessions.filter((session) => session.what === what);
    return rows.length === 0 ? html`<p>${none}</p>` : html`<ul class="plain rows">${rows.map(row)}</ul>`;
  };
  return page({
    title: 'Your account',
    body: html`<p>Signed in as ${name}. <a href="/gateways/modes">Go to the Console</a></p>
<h2>Tenants</h2><ul class="plain rows">${memberships.map(tenantRow('/account', memberships.length > 1))}</ul>
<h2>How you sign in</h2>${
      hasPassword
        ? html`<ul class="plain"><li><a href="/account/password">Change your password</a></li><li><a href="/account/authenticator">Set up a new authenticator</a></li><li><a href="/account/recovery-codes">Make new recovery codes</a></li></ul>`
        : html`<p>Password and second factor are kept by the issuer at which you sign in.</p>`
    }
<h2>Browsers</h2>${list('browser', 'None.')}
<h2>Programs that act for you</h2>${list('client', 'None.')}
<form method="post" action="/account/end-all"><p class="hint">Ends all of the above, this browser too. Programs are out at once at the Control Plane, and within ten minutes at gateways.</p><button type="submit">Sign out everywhere</button></form>
<h2>Personal access tokens</h2>${list('token', hasPassword ? 'None. They are made by stoactl tokens create.' : 'None.')}`,
  });
};

/** For who belongs to several tenants. */
export const tenantPage = ({ name, to, memberships }: { name: string; to: string; memberships: readonly Belongs[] }): Html =>
  page({
    title: 'Where do you work?',
    body: html`<p>${name}, you belong to several tenants. A session is of one; you can change it at your account.</p>
<ul class="plain rows">${memberships.map(tenantRow(to))}</ul>`,
  });

/** For a session that a sign-in link made. */
export const noAccountPage = (token: string, signIn: string): Html =>
  page({
    title: 'No account here',
    body: html`<p>A sign-in link signed this browser in, as the token <strong>${token}</strong>. A token has no account: no password, and no list of sessions.</p>
<p><a href="/gateways/modes">Go to the Console</a></p>
<p class="hint">Have you an account of your own? <a href="${signIn}">Sign in with it</a> instead.</p>`,
  });
