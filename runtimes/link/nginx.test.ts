import { changed, guideBlock, installed } from './testing/gateway-process.ts';
import { describeGateway } from './testing/gateway-suite.ts';
import type { GatewayPorts } from './testing/gateway-setup.ts';

const guide = guideBlock('link-with-nginx.md', 'nginx');

/** What the guide leaves to the rest of an nginx.conf. */
const rest = `daemon off;
master_process off;
pid nginx.pid;
error_log stderr crit;
events {}
http {
access_log off;
client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
`;

function configuration({ gateway, links, upstream }: GatewayPorts): string {
  const servers = links.map((port) => `server 127.0.0.1:${port} max_fails=0;`).join(' ');
  const text = changed(changed(guide, '127.0.0.1:8090', `127.0.0.1:${gateway}`), '127.0.0.1:8084', `127.0.0.1:${upstream}`);
  return `${rest}${changed(text, 'server 127.0.0.1:8082 max_fails=0;', servers)}}\n`;
}

describeGateway({
  name: 'nginx',
  // Debian keeps it in sbin, which is not on every user's PATH.
  program: installed(['nginx', '/usr/sbin/nginx'], '-v'),
  missing: 'nginx is not installed: apt-get install nginx',
  file: 'nginx.conf',
  args: (file, directory) => ['-p', directory, '-c', file],
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
