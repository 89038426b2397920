import type { Api, Json, Plan, State } from '../state.ts';
import { admin, instant } from '../state.ts';
import { addApi, usedPaths } from './apis.ts';
import { listOf, pathFault, readDefinition, readFlows, readTemplates, recordOf, textsOf } from './definition.ts';
import { refused } from './errors.ts';
import { createPlan } from './plans.ts';
import { apiView, planView } from './views.ts';

const support = {
  key: 'email-support',
  name: 'email-support',
  format: 'MAIL',
  value: "${(api.primaryOwner.email)!''}",
  defaultValue: 'someone@example.com',
};

export function exportApi(state: State, api: Api, base: string): Json {
  const { deploymentState: _state, definitionContext: _context, _links: _none, ...described } = apiView(api, { base });
  const open = api.plans.filter(({ status }) => status === 'PUBLISHED' || status === 'DEPRECATED').sort((a, b) => a.order - b.order);
  return {
    export: { date: instant(state.now()), apimVersion: '4.10.9' },
    api: described,
    members: [{ id: admin, displayName: 'admin', roles: [{ name: 'PRIMARY_OWNER', scope: 'API' }] }],
    metadata: [support],
    pages: [],
    plans: open.map((plan) => planView(api, plan)),
    apiMedia: [],
  };
}

/** Creates only. Labels and cross-id are kept, and plans arrive as they were. The answer shows the ids of flows that were sent, and what was made has others. */
export function importApi(state: State, body: Json, base: string): { api: Api; view: Json } {
  if (typeof body['api'] !== 'object') {
    const call = 'Cannot invoke "io.gravitee.apim.core.api.model.import_definition.ApiExport.setPicture(String)"';
    throw refused(500, `${call} because "apiExport" is null`);
  }
  const sent = recordOf(body['api']);
  const draft = readDefinition(sent, state.newId);
  const fault = pathFault(
    draft.listeners.flatMap(({ paths }) => paths.map(({ path }) => path)),
    usedPaths(state),
  );
  if (fault !== undefined) throw refused(400, `Cannot import API with invalid paths (${fault})`, { code: 'path.invalid', parameters: {} });
  const crossId = typeof sent['crossId'] === 'string' ? sent['crossId'] : undefined;
  const same = [...state.apis.values()].find((api) => crossId !== undefined && api.crossId === crossId);
  if (same !== undefined) throw refused(500, `An error occurs while trying to create the api: ${same.id}`, { parameters: {} });
  const whole = { ...draft, resources: [], responseTemplates: readTemplates(sent['responseTemplates']) };
  const marks = { ...(crossId !== undefined && { crossId }), labels: textsOf(sent['labels']) };
  const api = addApi(state, sent, whole, { id: state.newId(), ...marks });
  for (const plan of listOf(body['plans'])) importPlan(state, api, plan);
  const view = apiView(api, { base, owner: false });
  api.draft = {
    ...whole,
    flows: readFlows(
      listOf(sent['flows']).map(({ id: _id, ...flow }) => flow),
      state.newId,
    ),
  };
  return { api, view };
}

function importPlan(state: State, api: Api, body: Json): void {
  const at = state.now();
  const status = String(body['status'] ?? 'STAGING') as Plan['status'];
  createPlan(state, api, body, { status, order: api.plans.length + 1, ...(status === 'PUBLISHED' && { publishedAt: at }) });
}
