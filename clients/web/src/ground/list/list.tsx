import { useEffect, useRef } from 'react';
import { Failure, Loading } from '../states.tsx';
import { ListBar, ListTools } from './list-bar.tsx';
import { ListTable } from './list-table.tsx';
import type { ListSpec } from './spec.ts';
import { useColumns } from './use-columns.ts';
import { useAsk, useList } from './use-list.ts';

/** A list of the Control Plane: what the address asks for, read page by page as one scrolls. */
export function List<T>({ spec }: { spec: ListSpec<T> }) {
  const [ask, choose] = useAsk(spec);
  const { shown, toggle } = useColumns(spec);
  const list = useList(spec, ask);
  const isFiltering = Object.values(ask).some((value) => value !== undefined);
  const items = list.data?.pages.flatMap((page) => page.items);
  // A short list of a thing has nothing to choose from: its tools stand below it.
  const hasBar = spec.searches !== undefined || (spec.filters ?? []).length > 0;
  const retry = () => void list.refetch();
  if (items === undefined)
    return list.error ? <Failure error={list.error} onRetry={retry} /> : <Loading words={`Loading ${spec.name.toLowerCase()}`} />;
  if (items.length === 0 && !isFiltering) return spec.empty;
  return (
    <section className="list-box" aria-label={spec.name} aria-busy={list.isPlaceholderData}>
      {hasBar && <ListBar spec={spec} ask={ask} choose={choose} shown={shown} toggle={toggle} />}
      {list.error && <Failure error={list.error} onRetry={retry} isOld />}
      {items.length === 0 ? (
        <div className="list-none">
          <p>None matches.</p>
          <button type="button" className="button button-small" onClick={() => choose({})}>
            Clear filters
          </button>
        </div>
      ) : (
        <ListTable name={spec.name} items={items} idOf={spec.idOf} columns={shown} total={list.hasNextPage ? undefined : items.length} />
      )}
      <div className="list-foot sub">
        {list.hasNextPage ? (
          <More isReading={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} count={items.length} />
        ) : (
          <p>{items.length.toLocaleString('en')} in all</p>
        )}
        {!hasBar && <ListTools spec={spec} ask={ask} shown={shown} toggle={toggle} />}
      </div>
    </section>
  );
}

/** Reads on when it comes near the view, or when it is pressed. */
function More({ isReading, onMore, count }: { isReading: boolean; onMore: () => void; count: number }) {
  const button = useRef<HTMLButtonElement>(null);
  const latest = useRef(onMore);
  latest.current = onMore;
  useEffect(() => {
    if (button.current === null || isReading) return undefined;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && latest.current(), { rootMargin: '600px' });
    observer.observe(button.current);
    return () => observer.disconnect();
  }, [isReading, count]);
  return (
    <p>
      The first {count.toLocaleString('en')}.{' '}
      <button ref={button} type="button" className="as-link" disabled={isReading} onClick={onMore}>
        {isReading ? 'Reading …' : 'Show more'}
      </button>
    </p>
  );
}
