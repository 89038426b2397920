type Method = (this: string, ...args: unknown[]) => unknown;

/** What a method of strings looks at, given the string and what it answered. */
const looks: Readonly<Record<string, (text: string, result: unknown) => number>> = {
  ...Object.fromEntries(['charAt', 'charCodeAt', 'codePointAt'].map((name) => [name, () => 1])),
  ...Object.fromEntries(['slice', 'substring', 'substr'].map((name) => [name, (_: string, part: unknown) => (part as string).length])),
  ...Object.fromEntries(['indexOf', 'lastIndexOf', 'includes', 'split', 'replace', 'match'].map((name) => [name, ({ length }: string) => length])),
};

/**
 * How many characters `work` looks at, by asking strings for one, for a part, or where a part is. Of a reader whose time grows as the text does
 * it is the text's length some times over; of one that needs quadratic time, the text's length times itself.
 */
export function charactersRead(work: () => void): number {
  let characters = 0;
  const real = Object.getOwnPropertyDescriptors(String.prototype);
  for (const [name, of] of Object.entries(looks)) {
    const property = real[name as 'slice'];
    const method = property.value as Method;
    const counting: Method = function (...args) {
      const result = method.apply(this, args);
      characters += of(this, result);
      return result;
    };
    Object.defineProperty(String.prototype, name, { ...property, value: counting });
  }
  try {
    work();
  } finally {
    Object.defineProperties(String.prototype, real);
  }
  return characters;
}
