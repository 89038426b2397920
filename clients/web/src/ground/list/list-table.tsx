import type { ListColumn } from './spec.ts';
import { useWindowRows } from './use-window-rows.ts';

type TableProps<T> = {
  name: string;
  items: readonly T[];
  idOf: (item: T) => string;
  columns: readonly ListColumn<T>[];
  /** How many there are, where that is known. */
  total: number | undefined;
};

const usualHeight = 41;
const beyondView = 12;

/** A table whose rows are in the document only while they are in view. In a narrow window each row is a card, and stays a row to those who hear it. */
export function ListTable<T>({ name, items, idOf, columns, total }: TableProps<T>) {
  const { table, shown, above, below, measure } = useWindowRows({ items, idOf, usualHeight, beyondView });
  return (
    <table ref={table} className="list" role="table" aria-rowcount={total === undefined ? -1 : total + 1}>
      <caption className="visually-hidden">{name}</caption>
      <thead role="rowgroup">
        <tr role="row" aria-rowindex={1}>
          {columns.map(({ id, title, isNumber }) => (
            <th key={id} role="columnheader" scope="col" className={isNumber ? 'number' : undefined}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        <Space height={above} />
        {shown.map(({ key, index }) => {
          const item = items[index];
          return (
            item !== undefined && (
              <tr key={key} role="row" aria-rowindex={index + 2} ref={measure} data-index={index}>
                {columns.map(({ id, title, show, text, isNumber }, at) => {
                  const cell = (
                    <>
                      <span className="list-label" aria-hidden="true">
                        {title}
                      </span>
                      <div className="list-value">{show === undefined ? text(item) : show(item)}</div>
                    </>
                  );
                  return at === 0 ? (
                    <th key={id} role="rowheader" scope="row">
                      {cell}
                    </th>
                  ) : (
                    <td key={id} role="cell" className={isNumber ? 'number' : undefined}>
                      {cell}
                    </td>
                  );
                })}
              </tr>
            )
          );
        })}
        <Space height={below} />
      </tbody>
    </table>
  );
}

/** In the place of the rows that are out of view. */
function Space({ height }: { height: number }) {
  if (height < 1) return null;
  return (
    <tr className="space" aria-hidden="true">
      <td style={{ height }} />
    </tr>
  );
}
