/** RFC 3339 in UTC with milliseconds. */
export const toTimestamp = (date: Date): string => date.toISOString();

/** An object without the entries that are undefined or null: on the wire, absent means absent. */
export function present<T extends Record<string, unknown>>(entries: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined && value !== null)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}

export const optionalTimestamp = (date: Date | null | undefined): string | undefined => (date ? date.toISOString() : undefined);
