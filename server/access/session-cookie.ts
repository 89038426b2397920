import type { ServerContext } from '../context.ts';

const sessionCookieName = 'stoa_session';

type Browsers = Pick<ServerContext, 'settings' | 'publicUrl'>;

/** Out of reach of scripts and of other sites, and of plain HTTP where browsers come over TLS. An age of 0 removes it. */
export function sessionCookie(value: string, maxAgeS: number, browsers: Browsers): string {
  return `${sessionCookieName}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeS}${isSecure(browsers) ? '; Secure' : ''}`;
}

/** Whether browsers come over TLS. */
export const isSecure = ({ settings, publicUrl }: Browsers): boolean => settings.secureCookies || publicUrl().startsWith('https:');

/** The session that a browser sends, from its `Cookie` header. */
export function sessionCookieOf(header: string | undefined): string | undefined {
  const pair = header
    ?.split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(`${sessionCookieName}=`));
  return pair?.slice(sessionCookieName.length + 1) || undefined;
}
