import type { ServerContext } from '../context.ts';
import { sessionCookieName } from '../http/authenticate.ts';

type Browsers = Pick<ServerContext, 'settings' | 'publicUrl'>;

/** Out of reach of scripts and of other sites, and of plain HTTP where browsers come over TLS. An age of 0 removes it. */
export function sessionCookie(value: string, maxAgeS: number, { settings, publicUrl }: Browsers): string {
  const isSecure = settings.secureCookies || publicUrl().startsWith('https:');
  return `${sessionCookieName}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeS}${isSecure ? '; Secure' : ''}`;
}
