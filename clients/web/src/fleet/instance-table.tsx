import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState } from 'react';
import type { Gateway } from '@stoa/generated/schemas.ts';
import { InstanceRows } from './instance-rows.tsx';

type InstanceTableProps = { product: string; gateways: readonly Gateway[]; matching: number | undefined; standsBeside: boolean };

const usualHeight = 78;
const rowsBeyondView = 8;

/**
 * The instances of a mode; only those in view, and a few beyond, are in the document. A narrow page draws every row as a card; the roles are spelt
 * out because browsers take a table that CSS lays out otherwise for no table at all.
 */
export function InstanceTable({ product, gateways, matching, standsBeside }: InstanceTableProps) {
  const columns = [
    'Instance',
    'Environment',
    'Liveness',
    'Last heartbeat',
    'Own status',
    'Configuration',
    'Lease epoch',
    standsBeside ? 'Stands beside' : '',
  ];
  const table = useRef<HTMLTableElement>(null);
  const [top, setTop] = useState(0);
  // What stands above may grow and shrink with every reading.
  useLayoutEffect(() => {
    const now = (table.current?.getBoundingClientRect().top ?? 0) + window.scrollY;
    if (Math.abs(now - top) > 1) setTop(now);
  });
  const rows = useWindowVirtualizer({
    count: gateways.length,
    estimateSize: () => usualHeight,
    overscan: rowsBeyondView,
    scrollMargin: top,
    getItemKey: (index) => gateways[index]?.gateway_id ?? index,
  });
  const shown = rows.getVirtualItems();
  const above = (shown[0]?.start ?? top) - top;
  const below = rows.getTotalSize() - ((shown.at(-1)?.end ?? top) - top);
  return (
    <table ref={table} className="instances" role="table" aria-rowcount={(matching ?? -2) + 1}>
      <caption className="visually-hidden">Instances of {product}</caption>
      <thead role="rowgroup">
        <tr role="row" aria-rowindex={1}>
          {columns.map((name) =>
            name === '' ? (
              <td key={name} role="cell" />
            ) : (
              <th key={name} role="columnheader" scope="col">
                {name}
              </th>
            ),
          )}
        </tr>
      </thead>
      <Space height={above} />
      {shown.map(({ key, index }) => {
        const gateway = gateways[index];
        return (
          gateway && (
            <InstanceRows
              key={key}
              gateway={gateway}
              standsBeside={standsBeside}
              columns={columns.length}
              index={index}
              measure={rows.measureElement}
            />
          )
        );
      })}
      <Space height={below} />
    </table>
  );
}

/** In the place of the rows that are out of view. */
function Space({ height }: { height: number }) {
  if (height < 1) return null;
  return (
    <tbody className="space" aria-hidden="true">
      <tr>
        <td style={{ height }} />
      </tr>
    </tbody>
  );
}
