import { spawn } from 'node:child_process';

type Environment = Readonly<Record<string, string | undefined>>;

/** The program that opens an address in the person's browser; undefined where no screen is to be expected. */
export function browserCommand(platform: NodeJS.Platform, env: Environment): readonly [string, ...string[]] | undefined {
  // Over SSH the browser would open on a machine that nobody sits at.
  if (env['SSH_CONNECTION'] || env['SSH_TTY']) return undefined;
  if (platform === 'darwin') return ['open'];
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  return env['DISPLAY'] || env['WAYLAND_DISPLAY'] ? ['xdg-open'] : undefined;
}

/** Opens an address and waits for nothing: where it fails, the person has the address on the screen. */
export function openBrowser([program, ...args]: readonly [string, ...string[]], url: string): void {
  const child = spawn(program, [...args, url], { detached: true, stdio: 'ignore' });
  child.on('error', () => {});
  child.unref();
}
