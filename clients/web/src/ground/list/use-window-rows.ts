import { useWindowVirtualizer } from '@tanstack/react-virtual';
import type { VirtualItem } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState } from 'react';
import type { RefObject } from 'react';

type Rows = {
  readonly table: RefObject<HTMLTableElement | null>;
  readonly shown: readonly VirtualItem[];
  /** In pixels, what the rows out of view would take. */
  readonly above: number;
  readonly below: number;
  readonly measure: (row: Element | null) => void;
};

type Given<T> = {
  items: readonly T[];
  idOf: (item: T) => string;
  /** In pixels, until a row was measured. */
  usualHeight: number;
  beyondView: number;
};

/** Which rows of a table are in the document as the window scrolls: those in view, and a few beyond. */
export function useWindowRows<T>({ items, idOf, usualHeight, beyondView }: Given<T>): Rows {
  const table = useRef<HTMLTableElement>(null);
  const [top, setTop] = useState(0);
  // What stands above may grow and shrink with every reading.
  useLayoutEffect(() => {
    const now = (table.current?.getBoundingClientRect().top ?? 0) + window.scrollY;
    if (Math.abs(now - top) > 1) setTop(now);
  });
  const rows = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => usualHeight,
    overscan: beyondView,
    scrollMargin: top,
    getItemKey: (index) => {
      const item = items[index];
      return item === undefined ? index : idOf(item);
    },
  });
  const shown = rows.getVirtualItems();
  const above = (shown[0]?.start ?? top) - top;
  const below = rows.getTotalSize() - ((shown.at(-1)?.end ?? top) - top);
  return { table, shown, above, below, measure: rows.measureElement };
}
