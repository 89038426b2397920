import type { Experiment } from '../experiment.ts';
import { callTool, deploy } from '../lab/tools.ts';
import { milliseconds, secondsUntil, slowestWhile } from '../lab/until.ts';

export const badPattern: Experiment = {
  id: 'bad-pattern',
  criterion:
    'While arguments are held against a pattern that makes a back-tracking engine slow, /healthz of the Gateway answers in less than 250 ms.',
  async run(lab) {
    const tools = await lab.tools();
    const { gateway_url: url, token } = tools.system.up.mcp;
    // 25 characters, which cost the wrong engine a second and harm nobody.
    const parameter = { name: 'code', in: 'query', required: true, schema: { type: 'string', pattern: '^(a+)+$' } };
    const operation = { operationId: 'look', parameters: [parameter], responses: { 200: { description: 'OK' } } };
    const document = { openapi: '3.1.0', info: { title: 'Pattern', version: '1' }, paths: { '/good': { get: operation } } };
    await deploy(tools.ask, 'pattern', { document, upstream_url: tools.upstreamUrl });
    await secondsUntil(async () => !(await callTool(url, 'pattern_look', { code: 'aaa' }, token)).isError, 30);
    const fed = Promise.all(Array.from({ length: 20 }, () => callTool(url, 'pattern_look', { code: `${'a'.repeat(25)}!` }, token)));
    const slowestMs = await slowestWhile(fed, () => tools.isHealthy(), 5);
    const refused = (await fed).filter(({ isError }) => isError).length;
    return { figure: `${milliseconds(slowestMs)}, ${refused} of 20 refused`, passed: slowestMs < 250 && refused === 20 };
  },
};
