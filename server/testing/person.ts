import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { totpCode } from '../identity/totp.ts';
import { ScriptedBrowser } from './scripted-browser.ts';
import type { ScriptedPage } from './scripted-browser.ts';
import type { TestControlPlane } from './test-control-plane.ts';

export type Person = { email: string; password: string; totpSecret: string; recoveryCodes: string[] };

const password = 'seven green lamps at sea';

/** Joins by the link of an invitation, as a person does with an authenticator. */
export async function joinBy(plane: Pick<TestControlPlane, 'url'>, link: string, email = 'ada@example.com'): Promise<Person> {
  const browser = new ScriptedBrowser(plane.url);
  const form = await browser.open(link);
  const totpSecret = /id="totp-key">([A-Z2-7 ]+)</.exec(form.text)?.[1]?.replaceAll(' ', '') ?? '';
  const done = await browser.submit(form, { email, name: 'Ada', password, totp: totpCode(totpSecret) });
  const recoveryCodes = [...done.text.matchAll(/<li>([A-Z2-9-]{14})<\/li>/g)].map(([, code]) => code ?? '');
  if (recoveryCodes.length === 0) throw new Error(`${email} did not join: ${done.text}`);
  return { email, password, totpSecret, recoveryCodes };
}

/** The first owner, by the link that the start printed. */
export async function joinAsOwner(plane: TestControlPlane): Promise<Person> {
  return joinBy(plane, (await readFile(join(plane.context.settings.dataDir, 'owner-link'), 'utf8')).trim());
}

/** From a page that asks for the password to what comes after the second factor: recovery codes, each once, so that no test waits for the next code. */
export async function signIn(browser: ScriptedBrowser, page: ScriptedPage, person: Person): Promise<ScriptedPage> {
  const second = await browser.submit(page, { email: person.email, password: person.password });
  return browser.submit(second, { code: person.recoveryCodes.shift() ?? totpCode(person.totpSecret) });
}
