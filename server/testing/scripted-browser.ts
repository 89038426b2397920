/** What a page is, to somebody who fills its first form in. */
export type ScriptedPage = { url: string; status: number; text: string; headers: Headers };

const maxRedirects = 10;

/**
 * A browser without a screen: keeps cookies by their paths, follows redirects, and sends forms as browsers do. It stops at an address of another origin, where
 * a client waits for its code.
 */
export class ScriptedBrowser {
  readonly #origin: string;
  readonly #origins: readonly string[];
  readonly #headers: Record<string, string>;
  readonly #cookies = new Map<string, { value: string; path: string }>();

  /** `others` are origins where it goes on besides, such as an issuer's. */
  constructor(origin: string, headers: Record<string, string> = {}, others: readonly string[] = []) {
    this.#origin = origin;
    this.#origins = [origin, ...others];
    this.#headers = headers;
  }

  open(url: string): Promise<ScriptedPage> {
    return this.#load(new URL(url, this.#origin), { method: 'GET' });
  }

  /** Sends the form of a page, with its hidden fields and `fields`, as if by the button that leads to `action`; the first form where that is not said. */
  submit(page: ScriptedPage, fields: Record<string, string> = {}, action?: string): Promise<ScriptedPage> {
    const forms = [...page.text.matchAll(/<form\b[^>]*? action="([^"]*)"[^>]*>(.*?)<\/form>/gs)];
    const form = forms.find(([, to]) => action === undefined || to?.endsWith(action));
    if (!form) throw new Error(`The page at ${page.url} has no such form: ${page.text}`);
    const hidden = [...(form[2] ?? '').matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)" ?\/?>/g)].map(([, name, value]) => [
      name ?? '',
      value ?? '',
    ]);
    const fixed = [...(form[2] ?? '').matchAll(/name="([^"]*)"[^>]*value="([^"]*)"[^>]*readonly/g)].map(([, name, value]) => [
      name ?? '',
      value ?? '',
    ]);
    const body = new URLSearchParams({ ...Object.fromEntries([...hidden, ...fixed]), ...fields });
    return this.#load(new URL((form[1] ?? '').replaceAll('&amp;', '&'), page.url), { method: 'POST', body });
  }

  cookie(name: string): string | undefined {
    return this.#cookies.get(name)?.value;
  }

  async #load(start: URL, init: { method: string; body?: URLSearchParams }): Promise<ScriptedPage> {
    let url = start;
    let request = init;
    for (let hops = 0; hops <= maxRedirects; hops += 1) {
      if (!this.#origins.includes(url.origin)) return { url: url.href, status: 0, text: '', headers: new Headers() };
      const response = await fetch(url, {
        ...request,
        redirect: 'manual',
        headers: {
          ...this.#headers,
          accept: 'text/html',
          cookie: this.#cookieHeader(url),
          ...(request.method === 'POST' && { origin: url.origin }),
        },
      });
      for (const line of response.headers.getSetCookie()) this.#keep(line, url);
      const location = response.headers.get('location');
      const text = await response.text();
      const next = location ?? /<meta http-equiv="refresh" content="0; url=([^"]+)">/.exec(text)?.[1]?.replaceAll('&amp;', '&');
      if (next === undefined) return { url: url.href, status: response.status, text, headers: response.headers };
      url = new URL(next, url);
      request = { method: 'GET' };
    }
    throw new Error(`Too many redirects from ${start.href}.`);
  }

  #cookieHeader({ pathname }: URL): string {
    return [...this.#cookies]
      .filter(([, { path }]) => pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ');
  }

  #keep(line: string, url: URL): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const [name = '', value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
    const attribute = (key: string) => attributes.find((part) => part.toLowerCase().startsWith(`${key}=`))?.slice(key.length + 1);
    const ended = attribute('max-age') === '0' || Date.parse(attribute('expires') ?? '') <= Date.now();
    if (ended || value === '') this.#cookies.delete(name);
    else this.#cookies.set(name, { value, path: attribute('path') ?? url.pathname });
  }
}
