import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { commandLine } from './command-line.ts';
import type { CommandLine } from './command-line.ts';

let plane: TestControlPlane;
let cli: CommandLine;
const run = (line: string, given = {}) => cli.run(line.split(' '), given);
beforeAll(async () => {
  cli = commandLine();
  plane = await startTestControlPlane();
  await cli.run(['context', 'set', 'here', '--server', plane.url, '--token-file', '-'], { stdin: plane.adminToken });
});
afterAll(async () => {
  cli.remove();
  await plane?.close();
});

const manifest = (title = 'Help desk', budget = 1) => `apiVersion: stoa.dev/v1
kind: ToolSet
metadata: { name: helpdesk, labels: { of: support } }
spec:
  title: ${title}
  token_budget: ${budget}
  tools:
    - { mcp_server: tickets, tool: close }
    - { api: shop, operation: listOrders, name: open_orders, arguments: { status: { value: open } } }
---
apiVersion: stoa.dev/v1
kind: McpServer
metadata: { name: tickets, labels: { of: support } }
spec: { http: { url: 'https://127.0.0.1:9/mcp' }, targets: { environments: [production] } }
---
apiVersion: stoa.dev/v1
kind: Api
metadata: { name: shop, labels: { of: support } }
spec:
  document:
    openapi: 3.1.0
    info: { title: Shop, version: '1' }
    servers: [{ url: 'https://api.example.com' }]
    paths:
      /orders:
        get:
          operationId: listOrders
          parameters: [{ name: status, in: query, required: true, schema: { type: string } }]
          responses: { '200': { description: Orders. } }
---
apiVersion: stoa.dev/v1
kind: Consumer
metadata: { name: support-agent, labels: { of: support } }
---
apiVersion: stoa.dev/v1
kind: Subscription
spec: { consumer: support-agent, tool_set: helpdesk }
`;

it('applies a tool set after what it holds, warns of its budget, exports it as it was, and prunes it', async () => {
  const apply = async (stdin: string, more = '') => {
    const { code, out, err } = await run(`apply -f -${more}`, { stdin });
    return code === 0 ? `${out}${err}` : err;
  };
  const made = await apply(manifest());
  expect(made).toContain('ToolSet/helpdesk created\nSubscription/support-agent/tool-set/helpdesk created\n');
  expect(made).toContain('tokens, and its budget is 1.');
  expect((await run('diff -f -', { stdin: manifest('Desk') })).out).toContain('~ ToolSet/helpdesk\n    spec.title: "Help desk" → "Desk"\n');
  const exported = (await run('export -l of=support')).out;
  expect(exported).toContain('open_orders');
  expect((await run('diff -f -', { stdin: exported })).code).toBe(0);
  expect((await run('get tool-sets')).out).toMatch(/helpdesk +1 +2/);
  expect((await run('describe tool-set helpdesk')).out).toContain('no gateway has found it at the server');
  expect((await run('explain ToolSet.spec.tools.arguments')).out).toContain('fixed or hidden');
  const consumer = 'apiVersion: stoa.dev/v1\nkind: Consumer\nmetadata: { name: support-agent, labels: { of: support } }\n';
  expect(await apply(consumer, ' --prune -l of=support --yes')).toContain('ToolSet/helpdesk deleted');
});
