import { useQuery } from '@tanstack/react-query';
import { client } from '../api.ts';
import { LivenessBadge } from '../fleet/liveness-badge.tsx';
import { Dialog } from '../ground/dialog.tsx';
import { StateWord } from '../ground/facts.tsx';
import { answered, within } from '../ground/fault.ts';
import { Failure, Loading } from '../ground/states.tsx';
import { To } from '../ground/to.tsx';
import { visible } from '../mcp/visible.ts';

const everyMs = 5_000;

/** What became of a deployment on each gateway, with the gateway's own reason. */
export function OnGateways({ deployment_id, onClose }: { deployment_id: string; onClose: () => void }) {
  const deployment = useQuery({
    queryKey: ['deployment', deployment_id],
    queryFn: ({ signal }) => answered(client.GET('/v1/deployments/{deployment_id}', { signal: within(signal), params: { path: { deployment_id } } })),
    refetchInterval: everyMs,
  });
  const gateways = deployment.data?.gateways;
  return (
    <Dialog title={`${deployment.data?.name ?? 'Deployment'} by gateway`} onClose={onClose} isWide>
      {deployment.error && <Failure error={deployment.error} onRetry={() => void deployment.refetch()} isOld={gateways !== undefined} />}
      {deployment.isPending && <Loading words="Loading the gateways" />}
      {deployment.data?.warnings?.map((warning) => (
        <p key={warning} className="note note-warn">
          {visible(warning)}
        </p>
      ))}
      {gateways?.length === 0 && <p className="sub">No gateway fits its targets.</p>}
      <ul className="mcp-gateways">
        {gateways?.map(({ gateway_id, instance_name, environment, liveness, state, phase, reason }) => (
          <li key={gateway_id}>
            <span className="mcp-gateway">
              <To href={`/gateways/${gateway_id}`}>{instance_name}</To> <span className="sub">{environment}</span> <LivenessBadge kind={liveness} />
            </span>
            <StateWord state={state} />
            {reason && <span className="mcp-why">{visible(phase === undefined ? reason : `${phase}: ${reason}`)}</span>}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
