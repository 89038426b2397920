import { setTimeout } from 'node:timers/promises';
import { AdminError } from '../../engine/admin-error.ts';
import type { Writer } from '../../engine/model.ts';
import { clustersFile, fileOf, render } from './document.ts';
import type { EnvoyObserved } from './fetch.ts';
import { files } from './model.ts';
import type { EnvoyWrite } from './plan.ts';
import { isInForce, lacking } from './probe.ts';
import { generationPath } from './probe-host.ts';
import type { EnvoyTools, Taking } from './tools.ts';

/** Envoy takes 1,000 routes with a hundred keys each in 0.7 s; a new cluster waits for its addresses. */
export const longestTakingMs = 15_000;
const intervalMs = 20;

type Followed = 'clusters' | 'routes';

/**
 * Makes clusters before the routes that lead to them, and takes them away after. A file is taken when Envoy says its version, the routes when the listener answers by them; what is not
 * taken is replaced by what was there. Nothing is written whose filters do not do what they are for: Envoy would take it without a word, and leave its routes open.
 */
export function envoyWriter(tools: EnvoyTools, there: EnvoyObserved, patienceMs = longestTakingMs): Writer<EnvoyWrite> {
  return {
    async write({ payload: { rendered, needs } }, permit) {
      const files = changing(tools, permit);
      const step = async (file: Followed, text: string): Promise<void> => {
        const version = fileOf(text)?.version ?? '';
        const before = await tools.taking();
        const isTaken = before[file].version === version && (file === 'clusters' || (await answers(version)));
        await files.put(file, text, isTaken);
        await until(file, version, before);
      };
      // An empty list of routes, as an operator begins with, would leave ours in force when it is put back.
      if (!there.canBeAsked || !there.canAskAll) {
        await step('routes', render(there.canBeAsked ? [...there.objects.values()] : [], there.frame).routes);
        files.keep();
      }
      try {
        await requireFilters(needs);
        await step('clusters', clustersFile(new Map([...there.clusters, ...rendered.clusters])));
        await step('routes', rendered.routes);
        await step('clusters', clustersFile(rendered.clusters));
        await files.put('objects', rendered.objects);
      } catch (error) {
        await files.undo();
        throw error;
      }
    },
  };

  async function requireFilters(needs: EnvoyWrite['needs']): Promise<void> {
    const culprits = new Map<string, string>();
    for (const [kind, guards] of needs) {
      if (there.filters.has(kind) && (await isInForce(kind, tools))) continue;
      for (const id of guards) culprits.set(id, `${lacking(kind)}.`);
    }
    if (culprits.size > 0) throw new AdminError('refused', [...new Set(culprits.values())].join(' '), { culprits });
  }

  async function until(file: Followed, version: string, before: Taking): Promise<void> {
    for (let waited = 0; ; waited += intervalMs) {
      const now = await tools.taking();
      if (now.unknown > before.unknown)
        throw new AdminError('refused', `Envoy does not know a field of ${files[file]} and leaves it out: its log says which.`);
      if (now[file].refused > before[file].refused) throw new AdminError('refused', `Envoy does not take ${files[file]}: its log says why.`);
      if (now[file].version === version && (file === 'clusters' || (await answers(version)))) return;
      if (waited >= patienceMs)
        throw new AdminError(
          'unavailable',
          `Envoy does not answer by ${files[file]}: it has to read it in STOA_ENVOY_DIR, and STOA_ENVOY_LISTENER has to lead to its listener.`,
        );
      await setTimeout(intervalMs);
    }
  }

  async function answers(version: string): Promise<boolean> {
    const answer = await tools.ask(generationPath);
    return answer?.status === 200 && answer.text === version;
  }
}

/** The files of one write: each change but the first asks for the lease, which the engine has asked for before that. */
function changing(tools: EnvoyTools, permit: () => void) {
  const undo: (() => Promise<void>)[] = [];
  let changes = 0;
  return {
    async put(file: keyof typeof files, text: string | undefined, isTaken = true): Promise<void> {
      const name = files[file];
      const before = await tools.read(name);
      if (before === text && isTaken) return;
      if (changes > 0) permit();
      changes += 1;
      // Unless somebody else has written it meanwhile, who has the lease now.
      undo.unshift(async () => {
        if ((await tools.read(name)) === text) await tools.putBack(name, before);
      });
      await tools.put(name, text);
    },
    /** What was changed so far stays. */
    keep: () => void undo.splice(0),
    async undo(): Promise<void> {
      for (const one of undo) await one();
    },
  };
}
