import { useQuery } from '@tanstack/react-query';
import type { GatewayMode } from '@stoa/generated/schemas.ts';
import { client } from '../api.ts';
import { LivenessBadge } from '../fleet/liveness-badge.tsx';
import { modeText } from '../fleet/modes.ts';
import { answered, within } from '../ground/fault.ts';
import { Copyable } from '../ground/secret.tsx';
import { To } from '../ground/to.tsx';

const everyMs = 2_000;
const beside: Readonly<Record<GatewayMode, string>> = {
  edge_mcp: '',
  sidecar: '\n  STOA_TARGET_GATEWAY_TYPE=kong STOA_TARGET_GATEWAY_URL=http://127.0.0.1:8000 \\',
  connect: '\n  STOA_TARGET_GATEWAY_TYPE=kong STOA_TARGET_GATEWAY_URL=http://127.0.0.1:8001 \\',
};

type ArrivalProps = { mode: GatewayMode; secret: string; environment: string; instance_name: string };

/** The key and the command of a gateway, and whether it has come. */
export function Arrival({ mode, secret, environment, instance_name }: ArrivalProps) {
  const program = modeText(mode)?.program ?? '';
  const keyFile = `${instance_name}.key`;
  const command = `STOA_CONTROL_PLANE_URL=${location.origin} STOA_GATEWAY_KEY_FILE=${keyFile} \\
  STOA_ENVIRONMENT=${environment} STOA_INSTANCE_NAME=${instance_name} \\${beside[mode]}
  bin/${program}`;
  return (
    <>
      <section>
        <h2>1. Keep its key in a file</h2>
        <p>
          On its machine, in <code>{keyFile}</code>, which it alone can read. It is shown this once.
        </p>
        <Copyable text={secret} label="Gateway key" />
      </section>
      <section>
        <h2>2. Start it</h2>
        <p>
          {beside[mode] !== '' && 'With the type and the address of your own gateway in the place of Kong’s. '}
          As a package or in Kubernetes the same settings hold.
        </p>
        <Copyable text={command} label="Command" />
      </section>
      <Waiting environment={environment} instance_name={instance_name} />
    </>
  );
}

function Waiting({ environment, instance_name }: Pick<ArrivalProps, 'environment' | 'instance_name'>) {
  const query = { environment, instance_name, limit: 1 };
  const found = useQuery({
    queryKey: ['arrival', environment, instance_name],
    queryFn: ({ signal }) => answered(client.GET('/v1/gateways', { signal: within(signal), params: { query } })),
    refetchInterval: everyMs,
  });
  const gateway = found.data?.items[0];
  return (
    <section aria-labelledby="arrival">
      <h2 id="arrival">3. It comes online</h2>
      <p role="status">
        {gateway === undefined ? (
          <>Waiting for {instance_name} to register … This page follows it by itself.</>
        ) : (
          <>
            <LivenessBadge kind={gateway.liveness} /> <To href={`/gateways/${gateway.gateway_id}`}>{instance_name}</To> of version {gateway.version}{' '}
            has registered in {environment}.
          </>
        )}
      </p>
      {found.error && <p className="field-fault">{found.error.message}</p>}
      {gateway === undefined && (
        <p className="sub">
          It must reach <code>{location.origin}</code>. Where it does not come, its own log says why: a key that is refused, a name that another
          holds, or an address that does not answer.
        </p>
      )}
    </section>
  );
}
