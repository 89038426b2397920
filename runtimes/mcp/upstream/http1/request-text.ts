/** A request to be written. Names and values of headers alternate. */
export type Outgoing = {
  readonly method: string;
  /** As it stands in the first line. */
  readonly target: string;
  readonly headers: readonly string[];
  readonly body: string | Buffer | undefined;
};

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const illegalInValue = /[^\t\x20-\x7e\x80-\xff]/;
const illegalInTarget = /[^\x21-\x7e\x80-\xff]/;
/** What frames the message or belongs to the connection is written here and nowhere else. */
const framing = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/** Methods whose requests have a body, if only an empty one (RFC 9110 §8.6). */
const withContent: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);
/** Names that are good: those of a gateway's requests are few. */
const goodNames = new Set<string>();
const maxGoodNames = 1024;

/** The head of a request. `fixed` are lines that every request on the connection has. Throws for what would be read as more than one field, or as another request. */
export function headOf({ method, target, headers, body }: Outgoing, fixed: string): string {
  if (!token.test(method)) throw new Error('The method is no token.');
  if (illegalInTarget.test(target)) throw new Error('The path holds characters that are not allowed there.');
  let text = `${method} ${target} HTTP/1.1\r\n${fixed}`;
  for (let at = 0; at < headers.length; at += 2) {
    const [name, value] = [headers[at] as string, headers[at + 1] as string];
    if (!goodNames.has(name)) judgeName(name);
    if (illegalInValue.test(value)) throw new Error(`The header ${name} has a value that HTTP cannot carry.`);
    text += `${name}: ${value}\r\n`;
  }
  if (body === undefined) return withContent.has(method) ? `${text}content-length: 0\r\n\r\n` : `${text}\r\n`;
  return `${text}content-length: ${Buffer.byteLength(body)}\r\n\r\n`;
}

function judgeName(name: string): void {
  if (!token.test(name)) throw new Error('The name of a header is no token.');
  if (framing.has(name.toLowerCase())) throw new Error(`The header ${name} frames the message and is not for a request to set.`);
  if (goodNames.size >= maxGoodNames) goodNames.clear();
  goodNames.add(name);
}
