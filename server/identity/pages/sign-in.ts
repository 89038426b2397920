import { html } from './html.ts';
import type { Html } from './html.ts';
import { field, page } from './layout.ts';

/** Address and password. */
export const passwordPage = (given: { action: string; client: string; email?: string | undefined; alert?: string | undefined }): Html =>
  page({
    title: 'Sign in',
    alert: given.alert,
    body: html`<p>to go on to ${given.client}</p>
<form method="post" action="${given.action}">
${field({ name: 'email', label: 'Email address', type: 'email', value: given.email, autocomplete: 'username', autofocus: given.email === undefined })}
${field({ name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password', autofocus: given.email !== undefined })}
<button type="submit">Next</button></form>`,
  });

/** The second step. `step` is what the first step proved, sealed. */
export const codePage = (given: { action: string; step: string; email: string; alert?: string | undefined }): Html =>
  page({
    title: 'Enter your code',
    alert: given.alert,
    body: html`<p>Signing in as ${given.email}.</p>
<form method="post" action="${given.action}"><input type="hidden" name="step" value="${given.step}">
${field({
  name: 'code',
  label: 'Code',
  autocomplete: 'one-time-code',
  hint: 'The six digits that your authenticator app shows, or one of your recovery codes.',
  isCode: true,
  autofocus: true,
})}
<button type="submit">Sign in</button></form>`,
  });

type Consent = {
  action: string;
  abortAction: string;
  client: string;
  /** What is known of a client that registered itself: where it sends people back to. */
  unverified: string | undefined;
  email: string;
  /** Where it may act; a person who belongs to several says where. */
  tenants: readonly { tenantId: string; tenant: string }[];
  rights: readonly string[];
};

export const consentPage = ({ action, abortAction, client, unverified, email, tenants, rights }: Consent): Html =>
  page({
    title: `Let ${client} in?`,
    body: html`<p><strong>${client}</strong> wants to act for you${tenants.length === 1 && ` in ${tenants[0]?.tenant ?? ''}`}. It may then</p>
<ul>${rights.map((right) => html`<li>${right}</li>`)}</ul>
${unverified !== undefined && html`<p>It registered itself, so nobody has checked its name. It takes you back to <strong>${unverified}</strong>: go on only if you started this there.</p>`}
<p class="hint">You are signed in as ${email}.</p>
<form method="post" action="${action}">${tenants.length > 1 && choiceOfTenant(tenants)}<button type="submit">Let it in</button></form>
<form method="post" action="${abortAction}"><button type="submit" class="second">Refuse</button></form>`,
  });

const choiceOfTenant = (tenants: Consent['tenants']): Html =>
  html`<fieldset><legend>In which tenant?</legend>${tenants.map(
    ({ tenantId, tenant }) => html`<label><input type="radio" name="tenant" value="${tenantId}" required> ${tenant}</label>`,
  )}</fieldset>`;

/** Leads on by itself, without a script. */
export const goOnPage = (to: string): Html => page({ title: 'You are signed in', refresh: to, body: html`<p><a href="${to}">Go on</a></p>` });

export const failurePage = (message: string, title = 'This did not work', next = { to: '/gateways/modes', words: 'Go to the Console' }): Html =>
  page({ title, body: html`<p role="alert">${message}</p><p><a href="${next.to}">${next.words}</a></p>` });
