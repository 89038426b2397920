export type FormValues = Record<string, string>;

type Draft = { start: FormValues; values: FormValues };

/** What was typed, with what it began from. */
export const draftOf = (start: FormValues, values: FormValues): string => JSON.stringify({ start, values } satisfies Draft);

/** What a form begins with: what was typed before, unless somebody changed meanwhile what that began from. It would be saved over theirs unseen. */
export function draftIn(kept: string | null, start: FormValues): FormValues {
  if (kept === null) return start;
  const draft = JSON.parse(kept) as Draft;
  return isSame(draft.start, start) ? { ...start, ...draft.values } : start;
}

const isSame = (a: FormValues, b: FormValues): boolean => {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
};
