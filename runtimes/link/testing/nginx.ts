import { installed } from './gateway-process.ts';

/** nginx, and how it is started with a configuration of its own. */
export const nginx = {
  // Debian keeps it in sbin, which is not on every user's PATH.
  program: installed(['nginx', '/usr/sbin/nginx'], '-v'),
  missing: 'nginx is not installed: apt-get install nginx',
  file: 'nginx.conf',
  args: (file: string, directory: string): string[] => ['-p', directory, '-c', file],
};

/** What the guide leaves to the rest of an nginx.conf; a brace ends it. */
export const nginxRest = `daemon off;
master_process off;
pid nginx.pid;
error_log stderr crit;
events {}
http {
access_log off;
client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
`;
