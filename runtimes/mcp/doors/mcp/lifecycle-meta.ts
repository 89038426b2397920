import type { ToolDefinition } from '../../snapshot/lifecycle.ts';

/** What programs read of when a tool is given up: in `_meta` of the tool and of each result of it; undefined where nothing is said. */
export function lifecycleMeta(definition: ToolDefinition | undefined): Readonly<Record<string, unknown>> | undefined {
  return definition?.lifecycle === undefined ? undefined : { 'stoa/lifecycle': definition.lifecycle };
}
