import type { ReactNode } from 'react';

/** A page of what a list operation answers. */
export type ListAnswer<T> = { items: T[]; next_cursor?: string | null };
/** What the address asks for: `search`, and each filter by its name. Values are kept as given: one that matches nothing shows nothing. */
export type ListAsk = Readonly<Record<string, string | undefined>>;
export type ListPageAsk = ListAsk & { readonly cursor?: string | undefined };
export type ListRead<T> = (ask: ListPageAsk, limit: number, signal: AbortSignal) => Promise<ListAnswer<T>>;

export type ListColumn<T> = {
  /** `actions` holds buttons, which no export has. */
  id: string;
  title: string;
  /** The cell; its text when absent. */
  show?: (item: T) => ReactNode;
  /** What export writes. */
  text: (item: T) => string;
  isNumber?: boolean;
  /** Shown only to who chose it. */
  isExtra?: boolean;
};

export type ListFilter = { name: string; title: string; any: string; options: readonly (readonly [value: string, words: string])[] };

export type ListSpec<T> = {
  /** What is listed, in plural: names the table, the files of export, and what is kept of the chosen columns. */
  name: string;
  read: ListRead<T>;
  idOf: (item: T) => string;
  columns: readonly ListColumn<T>[];
  /** Where the operation finds by a part of a name. */
  searches?: string;
  filters?: readonly ListFilter[];
  /** Where there is none at all. */
  empty: ReactNode;
  /** Read again every so many seconds while the page is visible. */
  everySeconds?: number;
};
