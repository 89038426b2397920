import { sessionCookieName } from '../http/authenticate.ts';

/** Out of reach of scripts and of other sites. An age of 0 removes it. */
export function sessionCookie(value: string, maxAgeS: number, isSecure: boolean): string {
  return `${sessionCookieName}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeS}${isSecure ? '; Secure' : ''}`;
}
