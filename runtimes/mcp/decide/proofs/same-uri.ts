/** Whether a proof's `htu` is the address asked for, without query and fragment, whatever of both the normalisation of RFC 3986 §6.2.2 and §6.2.3 makes alike (RFC 9449 §4.3). */
export function isSameUri(htu: string, asked: string): boolean {
  const one = normalised(htu);
  return one !== undefined && one === normalised(asked);
}

function normalised(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return undefined;
  return url.origin + url.pathname.replace(/%[0-9a-f]{2}/gi, decodedIfUnreserved);
}

function decodedIfUnreserved(triple: string): string {
  const character = String.fromCharCode(parseInt(triple.slice(1), 16));
  return /[\w.~-]/.test(character) ? character : triple.toUpperCase();
}
