/** A path key of a document as what a request is made of. */
export type PathKey = {
  /** The path template alone. */
  path: string;
  /** What every request carries in its query. */
  query: string | undefined;
  /** Path parameters that stand in the query, and the names that they have there. One parameter may stand there twice. */
  placeholders: readonly (readonly [parameter: string, name: string])[];
  /** What of the key is no path, for the report. */
  remark: string | undefined;
  /** Why nobody can call it. */
  fault: string | undefined;
};

/**
 * Takes apart a key such as `/v1/chats?beta=true`, `/{bucket}?acl`, `/#Target=List` or `/orders{?page}`. OpenAPI wants paths only, but
 * documents in the field tell operations of one path apart so.
 */
export function readPathKey(key: string): PathKey {
  const hash = key.indexOf('#');
  const whole = hash < 0 ? key : key.slice(0, hash);
  // RFC 6570 §3.2.8: the parameters are described as those of the query.
  const expanded = whole.replace(/\{[?&][^{}]*\}/g, '');
  const mark = expanded.indexOf('?');
  const path = mark < 0 ? expanded : expanded.slice(0, mark);
  const placeholders: [string, string][] = [];
  let fault: string | undefined;
  const fixed: string[] = [];
  for (const pair of mark < 0 ? [] : expanded.slice(mark + 1).split('&')) {
    const [name = '', ...rest] = pair.split('=');
    const value = rest.join('=');
    const placeholder = /^\{([^{}]+)\}$/.exec(value)?.[1];
    if (placeholder !== undefined) placeholders.push([placeholder, decoded(name)]);
    else if (/[{}]/.test(pair)) fault = `The query of the path key has ${pair.slice(0, 100)}: an argument can only be a whole value, such as a={b}.`;
    else if (name !== '') fixed.push(rest.length === 0 ? encoded(name) : `${encoded(name)}=${encoded(value)}`);
  }
  const query = fixed.length === 0 ? undefined : fixed.join('&');
  return { path, query, placeholders, remark: remarkOn(key, whole, query), fault };
}

function remarkOn(key: string, whole: string, query: string | undefined): string | undefined {
  if (key !== whole)
    return `The path key has a fragment, which no request carries${query === undefined ? '' : `; its query ${query} is always sent`}.`;
  if (query !== undefined) return `The path key has a query: ${query} is always sent.`;
  return /[?]/.test(key) ? 'The path key describes its query, which is sent from the arguments.' : undefined;
}

function encoded(text: string): string {
  return encodeURIComponent(decoded(text));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
