import { html } from './html.ts';
import type { Html } from './html.ts';
import { page } from './layout.ts';

type Shown = { id: string; what: 'browser' | 'client'; name: string; since: Date; lastUsed: Date | undefined; isThis: boolean };

const time = (date: Date) => html`<time datetime="${date.toISOString()}">${date.toISOString().slice(0, 16).replace('T', ' ')} UTC</time>`;

const row = ({ id, what, name, since, lastUsed, isThis }: Shown): Html => html`<li><div>${isThis ? html`<strong>This browser</strong>` : name}
<p class="hint">since ${time(since)}${lastUsed && html`, last used ${time(lastUsed)}`}</p></div>
<form method="post" action="/account/end"><input type="hidden" name="what" value="${what}"><input type="hidden" name="id" value="${id}"><button type="submit" class="second small" aria-label="End ${isThis ? 'the session of this browser' : name}, since ${since.toISOString()}">End</button></form></li>`;

/** Where a person is signed in, with a button to end each. */
export const accountPage = ({ name, sessions }: { name: string; sessions: readonly Shown[] }): Html => {
  const list = (what: Shown['what'], none: string) => {
    const rows = sessions.filter((session) => session.what === what);
    return rows.length === 0 ? html`<p>${none}</p>` : html`<ul class="plain rows">${rows.map(row)}</ul>`;
  };
  return page({
    title: 'Where you are signed in',
    body: html`<p>Signed in as ${name}. <a href="/gateways/modes">Go to the Console</a></p>
<h2>Browsers</h2>${list('browser', 'None.')}
<h2>Programs that act for you</h2>${list('client', 'None.')}
<form method="post" action="/account/end-all"><p class="hint">Ends all of the above, this browser too. Programs are out at once at the Control Plane, and within ten minutes at gateways.</p><button type="submit">Sign out everywhere</button></form>`,
  });
};
