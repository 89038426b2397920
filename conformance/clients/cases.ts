import assert from 'node:assert/strict';
import type { Connected } from './typescript.ts';

/** What every client is to be able to do. Each rejects with what went otherwise. */
export const cases: Readonly<Record<string, (client: Connected) => Promise<void>>> = {
  async list(client) {
    const { tools } = await client.listTools();
    assert.ok(tools.some(({ name }) => name === 'test_simple_text'));
    assert.ok(tools.find(({ name }) => name === 'json_schema_2020_12_tool')?.inputSchema['$defs'] !== undefined);
  },
  async call(client) {
    const result = await client.callTool({ name: 'test_multiple_content_types', arguments: {} });
    assert.deepEqual(
      (result['content'] as { type: string }[]).map(({ type }) => type),
      ['text', 'image', 'resource'],
    );
  },
  async 'an error of a tool'(client) {
    assert.equal((await client.callTool({ name: 'test_error_handling', arguments: {} }))['isError'], true);
  },
  async 'an error of the protocol'(client) {
    await assert.rejects(client.readResource({ uri: 'test://no-such' }), /not found/i);
  },
  async progress(client) {
    const told: number[] = [];
    await client.callTool(
      { name: 'test_tool_with_progress', arguments: {} },
      {
        onprogress: ({ progress }: { progress: number }) => void told.push(progress),
      },
    );
    assert.deepEqual(told, [0, 50, 100]);
  },
  async cancel(client) {
    const given = new AbortController();
    const call = client.callTool(
      { name: 'test_tool_with_progress', arguments: {} },
      {
        signal: given.signal,
        onprogress: () => given.abort(),
      },
    );
    await assert.rejects(call, /abort/i);
    // The next one is answered as if nothing had been.
    assert.ok((await client.callTool({ name: 'test_simple_text', arguments: {} }))['content']);
  },
  async sampling(client) {
    assert.match(JSON.stringify(await client.callTool({ name: 'test_sampling', arguments: { prompt: 'Where?' } })), /Paris/);
  },
  async elicitation(client) {
    assert.match(JSON.stringify(await client.callTool({ name: 'test_elicitation', arguments: { message: 'Who?' } })), /ada/);
  },
  async resources(client) {
    assert.ok((await client.listResources()).resources.some(({ uri }) => uri === 'test://static-text'));
    assert.match(JSON.stringify(await client.readResource({ uri: 'test://template/7/data' })), /Data for ID: 7/);
  },
  async prompts(client) {
    assert.ok((await client.listPrompts()).prompts.some(({ name }) => name === 'test_prompt_with_arguments'));
    const prompt = await client.getPrompt({ name: 'test_prompt_with_arguments', arguments: { arg1: 'a', arg2: 'b' } });
    assert.match(JSON.stringify(prompt), /arg1='a', arg2='b'/);
  },
  async completion(client) {
    const ref = { type: 'ref/prompt' as const, name: 'test_prompt_with_arguments' };
    assert.deepEqual((await client.complete({ ref, argument: { name: 'arg1', value: 'test' } })).completion.values, ['testing', 'tested']);
  },
};
