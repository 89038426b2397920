const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Whether what is sent to this URL can be read by whoever is on the way: it is not encrypted, and leaves this machine. */
export function isReadableOnTheWay(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && !loopback.test(hostname);
}
