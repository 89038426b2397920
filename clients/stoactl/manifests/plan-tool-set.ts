import type { ToolSetRequest } from '@stoa/generated/schemas.ts';
import { answered, tagged } from '../answered.ts';
import type { ToolSetManifest } from './manifest.ts';
import { planChange, rehearsal } from './plan-kinds.ts';
import type { Header, PlanContext, Query } from './plan-kinds.ts';
import type { Step } from './step.ts';

/** The server is asked by a dry run whether it takes the tool set, where all that it holds is there already; what it warns of is told. */
export function planToolSet(context: PlanContext, manifest: ToolSetManifest): Promise<Step> {
  const { client, platform, isDry } = context;
  const { name, labels = {} } = manifest.metadata;
  const path = { tool_set_id: platform.idOf('ToolSet', name) ?? '' };
  const body: ToolSetRequest = { ...manifest.spec, name, labels };
  const isThere = manifest.spec.tools.every(
    ({ api, mcp_server: server }) =>
      (api === undefined || platform.idOf('Api', api) !== undefined) && (server === undefined || platform.idOf('McpServer', server) !== undefined),
  );
  const create = (query: Query) => answered(client.createToolSet({ params: { query }, body }));
  const update = (query: Query, header: Header) => answered(client.updateToolSet({ params: { path, query, header }, body }));
  return planChange(context, 'ToolSet', manifest, {
    read: () => tagged(client.getToolSet({ params: { path } })),
    async create(query) {
      const made = await create(query);
      return { id: made.tool_set_id, warnings: warningsOf(made) };
    },
    update: async (query, header) => ({ warnings: warningsOf(await update(query, header)) }),
    async rehearse(isNew) {
      if (!isThere) return [];
      const rehearsed = await (isNew ? create(rehearsal) : update(rehearsal, {}));
      // What is applied tells it itself.
      return isDry ? warningsOf(rehearsed) : [];
    },
  });
}

const warningsOf = (answer: { warnings?: readonly string[] } | object): readonly string[] =>
  ('warnings' in answer ? answer.warnings : undefined) ?? [];
