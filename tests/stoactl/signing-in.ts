import { ScriptedBrowser } from '@stoa/server/testing/scripted-browser.ts';
import type { ScriptedPage } from '@stoa/server/testing/scripted-browser.ts';
import { signIn } from '@stoa/server/testing/person.ts';
import type { Person } from '@stoa/server/testing/person.ts';
import type { CommandLine, Ended } from './command-line.ts';

/** What the person does to sign in, on the page that asks for consent, and at the address that the browser is sent back to. */
export type AtBrowser = {
  signIn?: (browser: ScriptedBrowser, page: ScriptedPage) => Promise<ScriptedPage>;
  consent?: (browser: ScriptedBrowser, page: ScriptedPage) => Promise<ScriptedPage>;
  comeBack?: (url: string) => Promise<unknown>;
};

const letIn = (browser: ScriptedBrowser, page: ScriptedPage) => browser.submit(page, {}, '/consent');

const signInAs = (person: Person | undefined, at: AtBrowser) => {
  if (at.signIn !== undefined) return at.signIn;
  if (person === undefined) throw new Error('Say who signs in, or how.');
  return (browser: ScriptedBrowser, page: ScriptedPage) => signIn(browser, page, person);
};

/** `stoactl login`, and a person who opens the address that it prints, with password and second factor. */
export async function loginByBrowser(cli: CommandLine, person: Person | undefined, args: readonly string[] = [], at: AtBrowser = {}): Promise<Ended> {
  let walked: Promise<unknown> | undefined;
  const walk = async (address: string) => {
    const browser = new ScriptedBrowser(new URL(address).origin);
    const page = await signInAs(person, at)(browser, await browser.open(address));
    const back = page.url.includes('/callback?') ? page : await (at.consent ?? letIn)(browser, page);
    return (at.comeBack ?? fetch)(back.url);
  };
  const ended = await cli.run(['login', ...args], {
    onErr: (text) => {
      const [address] = /http\S+\/auth\?\S+/.exec(text) ?? [];
      if (address !== undefined) walked ??= walk(address);
    },
  });
  await walked;
  return ended;
}

/** A person who types a code into a browser elsewhere, and lets in whoever showed it. */
export async function typeDeviceCode(address: string, user_code: string, person: Person | undefined, at: AtBrowser = {}): Promise<unknown> {
  const browser = new ScriptedBrowser(new URL(address).origin);
  const confirm = await browser.submit(await browser.open(address), { user_code });
  const page = await signInAs(person, at)(browser, await browser.submit(confirm, { confirm: 'yes' }));
  return person === undefined ? page : (at.consent ?? letIn)(browser, page);
}

/** Types the code once it is shown. */
export function atDevicePage(person: Person | undefined, at: AtBrowser = {}): { onErr(text: string): void; walked(): Promise<unknown> } {
  let walked: Promise<unknown> | undefined;
  return {
    onErr(text) {
      const [, address, code] = /Open (\S+) in any browser and type the code (\S+)/.exec(text) ?? [];
      if (address !== undefined && code !== undefined) walked ??= typeDeviceCode(address, code, person, at);
    },
    walked: async () => walked,
  };
}

/** `stoactl login --device`, and a person who types its code into a browser elsewhere. */
export async function loginByDevice(cli: CommandLine, person: Person | undefined, at: AtBrowser = {}): Promise<Ended> {
  const page = atDevicePage(person, at);
  const ended = await cli.run(['login', '--device', '--no-browser'], page);
  await page.walked();
  return ended;
}
