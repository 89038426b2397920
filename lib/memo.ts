/** A function of a text, whose answers are kept for short ones, and forgotten all together when there are many: whoever makes up new ones shall not fill the memory. */
export function memoOf<T>(make: (text: string) => T, { most = 1024, maxChars = 64 } = {}): (text: string) => T {
  const known = new Map<string, { readonly is: T }>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found.is;
    const is = make(text);
    if (text.length > maxChars) return is;
    if (known.size >= most) known.clear();
    // A copy: a slice would keep all of what it is cut from.
    known.set(Buffer.from(text, 'utf16le').toString('utf16le'), { is });
    return is;
  };
}

/** A function of a text that is asked several times in a row for the same one: the last answer is kept. */
export function lastOf<T>(make: (text: string) => T): (text: string) => T {
  let last: { readonly text: string; readonly is: T } | undefined;
  return (text) => {
    if (last === undefined || last.text !== text) last = { text, is: make(text) };
    return last.is;
  };
}
