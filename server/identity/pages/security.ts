import { maxPasswordLength, minPasswordLength } from '../passwords.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { recoveryList } from './join.ts';
import { field, page } from './layout.ts';

export type ProofFaults = { password?: string; code?: string };

const proofFields = ({ password, code }: ProofFaults): Html => html`<h2>It is you</h2>
${field({ name: 'password', label: 'Your password now', type: 'password', autocomplete: 'current-password', fault: password, maxLength: maxPasswordLength })}
${field({ name: 'code', label: 'Code', autocomplete: 'one-time-code', hint: 'The six digits that your authenticator app shows, or one of your recovery codes.', isCode: true, fault: code })}`;

const alertOf = (faults: object): string | undefined =>
  Object.keys(faults).length === 0 ? undefined : 'Something is not right yet. Nothing was changed.';
const back = html`<p><a href="/account">Back to your account</a></p>`;

export const passwordChangePage = (faults: ProofFaults & { new_password?: string }): Html =>
  page({
    title: 'Change your password',
    alert: alertOf(faults),
    body: html`<p>Every other browser and program is signed out with it.</p>
<form method="post" action="/account/password">
${field({ name: 'new_password', label: 'New password', type: 'password', autocomplete: 'new-password', hint: `At least ${minPasswordLength} characters.`, fault: faults.new_password, maxLength: maxPasswordLength })}
${proofFields(faults)}
<button type="submit">Change the password</button></form>${back}`,
  });

type Totp = { secret: string; sealed: string; qr: string };

export const authenticatorPage = ({ totp, faults }: { totp: Totp; faults: ProofFaults & { totp?: string } }): Html =>
  page({
    title: 'Set up a new authenticator',
    alert: alertOf(faults),
    body: html`<p>Scan this with the new app, or type the key into it.</p>
<img class="qr" src="${totp.qr}" alt="QR code of the key below">
<p>Key: <code id="totp-key">${totp.secret.replaceAll(/(.{4})(?=.)/g, '$1 ')}</code></p>
<form method="post" action="/account/authenticator"><input type="hidden" name="enrolment" value="${totp.sealed}">
${field({ name: 'totp', label: 'The six digits that the new app shows', autocomplete: 'off', fault: faults.totp, isCode: true, maxLength: 10 })}
${proofFields(faults)}
<button type="submit">Use the new authenticator</button></form>${back}`,
  });

export const recoveryCodesPage = (faults: ProofFaults): Html =>
  page({
    title: 'Make new recovery codes',
    alert: alertOf(faults),
    body: html`<p>The ones that you have are good no more then.</p>
<form method="post" action="/account/recovery-codes">
${proofFields(faults)}
<button type="submit">Make new codes</button></form>${back}`,
  });

export const newCodesPage = (codes: readonly string[]): Html =>
  page({ title: 'Keep your recovery codes', body: html`${recoveryList(codes)}${back}` });

export const changedPage = (title: string, words: string): Html => page({ title, body: html`<p role="status">${words}</p>${back}` });
