import type { PolicyItem, PolicySpec } from '@stoa/generated/schemas.ts';
import type { ApiIntent } from '../../engine/model.ts';
import type { WebmethodsFields } from './admin.ts';
import { listOf, textsOf } from './admin.ts';

/** An action of a policy, with the stage that it is run in. */
export type Action = {
  readonly stage: string;
  readonly part: string;
  readonly templateKey: string;
  readonly parameters: readonly WebmethodsFields[];
};
type SpecOf<K extends PolicySpec['kind']> = Extract<PolicySpec, { kind: K }>;

const value = (templateKey: string, ...values: readonly string[]): WebmethodsFields => ({ templateKey, values });
const group = (templateKey: string, ...parameters: readonly WebmethodsFields[]): WebmethodsFields => ({ templateKey, parameters });

/** The order in which stages stand in a policy; a stage is there once. */
export const stages = ['transport', 'IAM', 'requestPayloadProcessing', 'routing', 'LMT', 'responseProcessing'];

/** The policies of an API as actions, by the names of their parts. Values are texts, also where they are numbers. */
export function actionsOf(policies: readonly PolicyItem[], operations: ApiIntent['operations']): Action[] {
  const of = <K extends PolicySpec['kind']>(kind: K): SpecOf<K>[] =>
    policies.flatMap(({ policy }) => (policy.kind === kind ? [policy as SpecOf<K>] : []));
  const limits = [...Map.groupBy(of('rate_limit'), ({ config }) => config.window_s)].map(([seconds, specs]) =>
    throttle(`rate_limit-${seconds}`, Math.min(...specs.map(({ config }) => config.limit)), seconds / 60, 'minutes'),
  );
  const quotas = [...Map.groupBy(of('quota'), ({ config }) => config.period)].map(([period, specs]) =>
    throttle(`quota-${period}`, Math.min(...specs.map(({ config }) => config.limit)), 1, period === 'hour' ? 'hours' : 'days'),
  );
  const headers = of('headers').map(({ config }, index): Action => {
    const removed = (config.request?.remove ?? []).map((name) => `\${request.headers.${name}}`);
    const added = Object.entries(config.request?.set ?? {}).map(([name, text]) =>
      group('addOrModify', value('transformationVariable', `\${request.headers.${name}}`), value('transformationValue', text)),
    );
    const changes = group('commonTransformation', ...(removed.length > 0 ? [value('remove', ...removed)] : []), ...added);
    const parameters = [group('requestTransformationConfiguration', changes)];
    return { stage: 'requestPayloadProcessing', part: `headers-${index}`, templateKey: 'requestTransformation', parameters };
  });
  return [
    ...headers,
    ...[...limits, ...quotas].sort((a, b) => (a.part < b.part ? -1 : 1)),
    ...of('cors')
      .slice(0, 1)
      .map((spec) => cors(spec, operations)),
  ];
}

function throttle(part: string, limit: number, interval: number, unit: string): Action {
  const parameters = [
    group('throttleRule', value('throttleRuleName', 'requestCount'), value('monitorRuleOperator', 'GT'), value('value', String(limit))),
    value('alertInterval', String(interval)),
    value('alertIntervalUnit', unit),
    value('alertFrequency', 'once'),
    value('alertMessage', `At most ${limit} calls in ${interval} ${unit}.`),
    value('consumerIds', 'AnyConsumers'),
    group('destination', value('destinationType', 'GATEWAY')),
  ];
  return { stage: 'LMT', part, templateKey: 'throttle', parameters };
}

function cors({ config }: SpecOf<'cors'>, operations: ApiIntent['operations']): Action {
  const methods = config.allow_methods ?? [...new Set(operations.map(({ method }) => method as string))].sort();
  const attributes = group(
    'corsAttributes',
    value('allowedOrigins', ...config.allow_origins),
    value('allowHeaders', ...(config.allow_headers ?? [])),
    value('exposeHeaders', ...(config.expose_headers ?? [])),
    value('allowCredentials', String(config.allow_credentials ?? false)),
    value('allowMethods', ...methods),
    value('maxAge', String(config.max_age_s ?? 0)),
  );
  return { stage: 'responseProcessing', part: 'cors', templateKey: 'cors', parameters: [attributes] };
}

/** The text of a parameter, wherever it stands. */
export function parameterOf(parameters: unknown, key: string): string | undefined {
  for (const one of listOf(parameters)) {
    const [own] = textsOf(one['values']);
    if (one['templateKey'] === key && own !== undefined) return own;
    const inner = parameterOf(one['parameters'], key);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

export const routeTo = (alias: string): string => `\${${alias}}/\${sys:resource_path}`;
export const routing = (uri: string): WebmethodsFields[] => [value('endpointUri', uri), value('method', 'CUSTOM')];
