import { recordedAnswer } from '../recorded.ts';
import { enabledPlugins } from '../schemas/plugins.ts';
import type { Node } from './entity-actions.ts';

/**
 * The answer of `GET /`: the recorded one with this node's ports, trimmed to the plugins it has, and naming those in use.
 * It holds no field that the real Kong 3.9.3 has not.
 */
export function nodeInformation(node: Node, ports: { adminPort: number; proxyPort: number }): unknown {
  const text = JSON.stringify(recordedAnswer('/')).replace(/\b1800([01])\b/g, (_all, last) =>
    String(last === '0' ? ports.proxyPort : ports.adminPort),
  );
  const answer = JSON.parse(text) as {
    plugins: { available_on_server: Record<string, unknown>; enabled_in_cluster: string[] };
    configuration: { loaded_plugins: Record<string, unknown>; database: string };
  };
  answer.plugins.available_on_server = trimmed(answer.plugins.available_on_server);
  answer.configuration.loaded_plugins = trimmed(answer.configuration.loaded_plugins);
  answer.plugins.enabled_in_cluster = [...new Set(node.store.list('plugins').map((plugin) => plugin['name'] as string))];
  if (node.declarative !== undefined) answer.configuration.database = 'off';
  return answer;
}

/** Keeps what concerns the plugins the simulator has. */
export function trimmed(byPlugin: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(byPlugin).filter(([name]) => enabledPlugins.includes(name)));
}
