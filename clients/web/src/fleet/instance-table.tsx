import type { Gateway } from '@stoa/generated/schemas.ts';
import { useWindowRows } from '../ground/list/use-window-rows.ts';
import { InstanceRows } from './instance-rows.tsx';

type InstanceTableProps = { product: string; gateways: readonly Gateway[]; matching: number | undefined; standsBeside: boolean };

const usualHeight = 78;
const beyondView = 8;
const idOf = ({ gateway_id }: Gateway): string => gateway_id;

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
  const { table, shown, above, below, measure } = useWindowRows({ items: gateways, idOf, usualHeight, beyondView });
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
          gateway && <InstanceRows key={key} gateway={gateway} standsBeside={standsBeside} columns={columns.length} index={index} measure={measure} />
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
