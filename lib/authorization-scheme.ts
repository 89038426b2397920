/** A credential behind its HTTP authentication scheme (RFC 7617 and RFC 6750); a value that names the scheme itself stays as it is. */
export function withScheme(auth: string, value: string): string {
  if (value.toLowerCase().startsWith(`${auth.toLowerCase()} `)) return value;
  return `${auth} ${auth === 'Basic' && value.includes(':') ? Buffer.from(value, 'utf8').toString('base64') : value}`;
}
