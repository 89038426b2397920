import { AwaitsApproval } from '../answered.ts';
import { CommandError, RefusedInput } from '../exit-codes.ts';
import { idOf } from './manifest.ts';
import type { Sourced } from './manifest.ts';
import type { Step } from './step.ts';

type Path = (string | number)[];

/** Members of requests that refer to something by its id, or say by whose name, and how manifests call them. */
const renamed: Readonly<Record<string, string>> = {
  api_id: 'api',
  api_ids: 'apis',
  policy_ids: 'policies',
  consumer_id: 'consumer',
  consumer_name: 'consumer',
  plan_name: 'plan',
};

/** The member of a manifest that a place of its request was made from. */
function memberAt(pointer: string): Path | undefined {
  const [, where, first, ...rest] = pointer.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (where !== 'body') return undefined;
  if (first === undefined) return ['spec'];
  if (first === 'name' || first === 'labels') return ['metadata', first, ...rest];
  // What stands in a document or in the configuration of a policy is called as it is there.
  const isOfOthers = first === 'document' || first === 'policy';
  return ['spec', ...[first, ...rest].map((part) => (isOfOthers ? part : (renamed[part] ?? part)))];
}

/** What is wrong with a manifest as the server or this machine says it, a line each, with file and line. */
export function placedFaults({ manifest, at }: Sourced, error: unknown): string[] {
  const id = idOf(manifest);
  const members = error instanceof RefusedInput ? error.faults.map(({ pointer, message }) => ({ path: memberAt(pointer), message })) : [];
  if (members.length === 0 || members.some(({ path }) => path === undefined)) return [`${at(['spec'])}: ${id} ${(error as Error).message}`];
  return members.map(({ path = [], message }) => `${at(path)}: ${id} ${path.join('.')} ${message}`);
}

/** The step, whose refusal by the server is told with the place of the manifest. */
export function placedStep(sourced: Sourced, { perform, ...step }: Step): Step {
  if (perform === undefined) return step;
  return {
    ...step,
    async perform() {
      try {
        return await perform();
      } catch (error) {
        if (!(error instanceof CommandError) || error instanceof AwaitsApproval) throw error;
        throw error.saying(`${placedFaults(sourced, error).join('\n')}\nWhat comes before it was applied.`);
      }
    },
  };
}
