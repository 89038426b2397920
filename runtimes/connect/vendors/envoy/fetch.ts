import { AdminError } from '../../engine/admin-error.ts';
import type { ManagedObject } from '../../engine/model.ts';
import { clustersFile, fileOf, keptIn, render } from './document.ts';
import type { EnvoyFrame } from './document.ts';
import type { EnvoyJson } from './guards.ts';
import { files, filterKinds, routesName } from './model.ts';
import type { FilterKind } from './model.ts';
import { filtersIn } from './probe.ts';
import { generationPath } from './probe-host.ts';
import type { EnvoyTools } from './tools.ts';

/** What an Envoy has of ours: the files, and what it runs. */
export type EnvoyObserved = {
  readonly frame: EnvoyFrame;
  readonly version: string;
  readonly filters: ReadonlySet<FilterKind>;
  /** Those that lie there. */
  readonly clusters: ReadonlyMap<string, EnvoyJson>;
  readonly objects: ReadonlyMap<string, ManagedObject>;
  /** The files are not what is made of the objects that they say. */
  readonly isAltered: boolean;
  /** What answers is not what lies there. */
  readonly isUnserved: boolean;
  /** Routes of ours are in force, so that the filters can be asked. */
  readonly canBeAsked: boolean;
  /** They have a question for every filter: those of a version before have not. */
  readonly canAskAll: boolean;
};

/** @throws AdminError where Envoy does not answer, its listener is not as it has to be, or the files are somebody else's. */
export async function fetchEnvoy(tools: EnvoyTools, frame: EnvoyFrame, signal: AbortSignal): Promise<EnvoyObserved> {
  const [{ version }, listeners, taking, answer, ...texts] = await Promise.all([
    tools.server(signal),
    tools.listeners(signal),
    tools.taking(signal),
    tools.ask(generationPath, undefined, signal),
    tools.read(files.clusters),
    tools.read(files.routes),
    tools.read(files.objects),
  ]);
  const [clusters = '', routes = '', objects = ''] = texts;
  const kept = keptIn(objects);
  requireOwn({ clusters, routes }, kept?.gateway, frame);
  const made = kept?.objects ?? [];
  const there = fileOf(clusters);
  const isServed = answer?.status === 200 && answer.text === fileOf(routes)?.version && taking.clusters.version === there?.version;
  return {
    frame,
    version,
    filters: filtersIn(listeners),
    clusters: new Map((there?.resources ?? []).map((one) => [String(one['name']), one])),
    objects: new Map(made.map((object) => [object.id, object])),
    isAltered: isAltered({ clusters, routes }, made, frame),
    isUnserved: !isServed && (made.length > 0 || !isEmpty(routes)),
    canBeAsked: answer?.status === 200,
    canAskAll: filterKinds.every((kind) => routes.includes(`"path":"/${kind}"`)),
  };
}

/** One Envoy reads one file of clusters: who else writes it would take ours away, and we his. */
function requireOwn({ clusters, routes }: Readonly<Record<'clusters' | 'routes', string>>, gateway: string | undefined, frame: EnvoyFrame): void {
  if (gateway !== undefined && gateway !== frame.gatewayId)
    throw new AdminError('conflict', `The files in STOA_ENVOY_DIR are those of another gateway (${gateway}): an Envoy has one Connect.`);
  const foreign = fileOf(clusters)?.resources.find(({ name }) => !String(name).startsWith('stoa_'));
  if (foreign !== undefined)
    throw new AdminError(
      'conflict',
      `${files.clusters} has the cluster ${String(foreign['name']).slice(0, 128)}, which STOA Connect did not make: move it to static_resources in Envoy's own configuration.`,
    );
  const hosts = (fileOf(routes)?.resources ?? []).flatMap(({ virtual_hosts: list }) => (Array.isArray(list) ? (list as EnvoyJson[]) : []));
  const theirs = hosts.find(({ name }) => name !== 'stoa' && name !== 'stoa-probe');
  if (theirs !== undefined)
    throw new AdminError(
      'conflict',
      `${files.routes} has the virtual host ${String(theirs['name']).slice(0, 128)}, which STOA Connect did not make: serve it by another listener than that of the routes ${routesName}.`,
    );
}

/** Also where nothing of ours is there and routes are: but for what the operator began with. */
function isAltered(
  { clusters, routes }: Readonly<Record<'clusters' | 'routes', string>>,
  objects: readonly ManagedObject[],
  frame: EnvoyFrame,
): boolean {
  if (objects.length === 0 && isEmpty(clusters) && isEmpty(routes)) return false;
  try {
    const made = render(objects, frame);
    return made.routes !== routes || clustersFile(made.clusters) !== clusters;
  } catch {
    // Somebody wrote an object into them that no API has.
    return true;
  }
}

/** As an operator writes a file that has to be there, before there is anything in it. */
const isEmpty = (text: string): boolean =>
  (fileOf(text)?.resources ?? []).every(
    ({ virtual_hosts: hosts, '@type': type }) =>
      String(type).endsWith('.RouteConfiguration') && (hosts === undefined || (Array.isArray(hosts) && hosts.length === 0)),
  );
