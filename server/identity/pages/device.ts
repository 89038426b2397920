import { issuerPath } from '../paths.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { field, page } from './layout.ts';

export const devicePage = ({ xsrf, code, alert }: { xsrf: string; code?: string | undefined; alert?: string | undefined }): Html =>
  page({
    title: 'Sign in a device',
    alert,
    body: html`<p>Type the code that the device, or the command line, shows you.</p>
<form method="post" action="${issuerPath}/device"><input type="hidden" name="xsrf" value="${xsrf}">
${field({ name: 'user_code', label: 'Code', value: code, autocomplete: 'off', isCode: true, autofocus: true, maxLength: 20 })}
<button type="submit">Next</button></form>`,
  });

export const deviceConfirmPage = (given: { xsrf: string; code: string; client: string; address: string | undefined }): Html =>
  page({
    title: 'Is this your device?',
    body: html`<p>It shows this code:</p><p class="code">${given.code}</p>
<p>${given.client} asks to act for you${given.address !== undefined && `, from the address ${given.address}`}. Go on only if you have started this yourself, and see the code there.</p>
<form method="post" action="${issuerPath}/device"><input type="hidden" name="xsrf" value="${given.xsrf}"><input type="hidden" name="user_code" value="${given.code}">
<button type="submit" name="confirm" value="yes">Go on</button> <button type="submit" name="abort" value="yes" class="second">That is not mine</button></form>`,
  });

export const deviceDonePage = (client: string): Html =>
  page({ title: 'You are signed in', body: html`<p>Go back to ${client}: it goes on by itself. You can close this page.</p>` });
