export type LongestJson<Result> = { readonly result: Result; readonly characters: number };

/**
 * Runs `work` and tells how many characters this thread parsed or wrote as JSON in one go meanwhile, at most. Nothing else can be done
 * until such a piece is done, and what it takes grows with its length: whoever only handles short ones keeps nobody waiting.
 */
export async function longestJson<Result>(work: () => Promise<Result>): Promise<LongestJson<Result>> {
  const { parse, stringify } = JSON;
  let characters = 0;
  const seen = (text: unknown): void => {
    if (typeof text === 'string') characters = Math.max(characters, text.length);
  };
  // Through `Reflect`, since the overloads of `stringify` cannot be told apart here.
  JSON.parse = (...args: Parameters<typeof parse>): unknown => {
    seen(args[0]);
    return Reflect.apply(parse, JSON, args) as unknown;
  };
  JSON.stringify = ((...args: Parameters<typeof stringify>) => {
    const text = Reflect.apply(stringify, JSON, args) as string | undefined;
    seen(text);
    return text;
  }) as typeof stringify;
  try {
    const result = await work();
    return { result, characters };
  } finally {
    Object.assign(JSON, { parse, stringify });
  }
}
