import { changed, guideBlock } from './testing/gateway-process.ts';
import { describeGateway } from './testing/gateway-suite.ts';
import type { GatewayPorts } from './testing/gateway-setup.ts';
import { nginx, nginxRest as rest } from './testing/nginx.ts';

const guide = guideBlock('link-with-nginx.md', 'nginx');

function configuration({ gateway, links, upstream }: GatewayPorts): string {
  const servers = links.map((port) => `server 127.0.0.1:${port} max_fails=0;`).join(' ');
  const text = changed(changed(guide, '127.0.0.1:8090', `127.0.0.1:${gateway}`), '127.0.0.1:8084', `127.0.0.1:${upstream}`);
  return `${rest}${changed(text, 'server 127.0.0.1:8082 max_fails=0;', servers)}}\n`;
}

describeGateway({
  name: 'nginx',
  ...nginx,
  configuration,
  withoutPrefix: (ports) => changed(configuration(ports), 'http://link/authz', 'http://link'),
  withUpgrades: (ports) => {
    const proxied = `proxy_pass http://127.0.0.1:${ports.upstream};`;
    const passed = 'proxy_set_header Upgrade $http_upgrade;';
    const text = changed(configuration(ports), proxied, `proxy_http_version 1.1; proxy_set_header Connection upgrade; ${passed} ${proxied}`);
    return changed(text, 'proxy_set_header HTTP2-Settings "";', passed);
  },
  linksForRestart: 2,
  measuresChunked: false,
});
