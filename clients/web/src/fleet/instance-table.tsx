import type { Gateway } from '@stoa/generated/schemas.ts';
import { InstanceRows } from './instance-rows.tsx';

/**
 * The instances of a mode. A narrow page draws every row as a card; the roles are spelt out because browsers take a table that
 * CSS lays out otherwise for no table at all.
 */
export function InstanceTable({ product, gateways, standsBeside }: { product: string; gateways: readonly Gateway[]; standsBeside: boolean }) {
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
  return (
    <table className="instances" role="table">
      <caption className="visually-hidden">Instances of {product}</caption>
      <thead role="rowgroup">
        <tr role="row">
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
      {gateways.map((gateway) => (
        <InstanceRows key={gateway.gateway_id} gateway={gateway} standsBeside={standsBeside} columns={columns.length} />
      ))}
    </table>
  );
}
