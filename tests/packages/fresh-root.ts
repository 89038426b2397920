import { execFileSync, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A Debian of its own below a folder, with the packages that dpkg and its scripts need and nothing else. */
export type FreshRoot = {
  readonly path: string;
  /** What programs inside are started with, nothing of this process. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs a line of shell inside, as root. `input` is what is typed; without one the input is at its end. */
  run(line: string, input?: string): Promise<{ readonly status: number | null; readonly output: string }>;
  /** Starts a line of shell inside, in a process group of its own. */
  start(line: string): ChildProcess;
  remove(): void;
};

/** Why no root can be made here, or undefined when it can. */
export function whyNoRoot(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root may change its root';
  if (!existsSync('/var/lib/dpkg/status') || !existsSync('/usr/bin/dpkg-deb')) return 'its packages are copied from a Debian, and this is none';
  return undefined;
}

const basis = ['dpkg', 'base-files', 'bash', 'coreutils', 'dash', 'diffutils', 'findutils', 'grep', 'init-system-helpers', 'libc-bin', 'libstdc++6'];
const more = ['passwd', 'perl-base', 'sed', 'tar', 'util-linux', 'hostname'];

/** Copies packages of this machine, and what they depend on, into a new folder: no network, and nothing of this machine that is not theirs. */
export async function makeFreshRoot(extra: readonly string[] = []): Promise<FreshRoot> {
  const path = mkdtempSync(join(tmpdir(), 'stoa-root-'));
  const names = closure([...basis, ...more, ...extra]);
  // Folders that are links since the file system was merged, so that what follows lands where it does here.
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    mkdirSync(join(path, 'usr', name), { recursive: true });
    symlinkSync(`usr/${name}`, join(path, name));
  }
  for (const name of ['etc', 'dev', 'proc', 'root', 'run', 'tmp', 'var/lib/dpkg/info', 'var/lib/dpkg/updates', 'var/lib/dpkg/triggers', 'var/log']) {
    mkdirSync(join(path, name), { recursive: true });
  }
  copyFiles(path, names);
  registerPackages(path, names);
  // What the scripts of base-passwd would have made.
  for (const file of ['passwd', 'group']) copyFileSync(`/usr/share/base-passwd/${file}.master`, join(path, 'etc', file));
  for (const file of ['shadow', 'gshadow']) writeFileSync(join(path, 'etc', file), '', { mode: 0o640 });
  writeFileSync(join(path, 'etc/hosts'), '127.0.0.1 localhost\n');
  const root = inside(path);
  // What scripts of those packages would have made, too.
  await root.run('ldconfig; update-alternatives --quiet --install /usr/bin/awk awk /usr/bin/mawk 5');
  return root;
}

function inside(path: string): FreshRoot {
  // Mounts of a namespace of its own go with the process that made them.
  const enter = 'mount --rbind /proc "$1/proc" && mount --rbind /dev "$1/dev" && exec chroot "$1" sh -c "$2"';
  const args = (line: string) => ['--mount', '--propagation', 'private', 'sh', '-c', enter, 'sh', path, line];
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive', HOME: '/root' };
  return {
    path,
    env,
    async run(line, input = '') {
      const child = spawn('unshare', args(`exec 2>&1; ${line}`), { env, timeout: 120_000 });
      child.stdin.on('error', () => {}).end(input);
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
      const [status] = (await once(child, 'close')) as [number | null];
      return { status, output };
    },
    start: (line) => spawn('unshare', args(`exec ${line}`), { env, stdio: ['ignore', 'pipe', 'pipe'] }),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** The packages of this machine that these need, themselves included. */
function closure(wanted: readonly string[]): string[] {
  const lines = execFileSync('dpkg-query', ['-W', '-f', '${Package}\\t${Pre-Depends}, ${Depends}\\t${Provides}\\t${db:Status-Abbrev}\\n'], {
    encoding: 'utf8',
  }).split('\n');
  const needs = new Map<string, string[]>();
  const providers = new Map<string, string>();
  const plain = (word: string) => word.trim().replace(/[\s:(].*$/, '');
  for (const line of lines) {
    const [name = '', depends = '', provides = '', status = ''] = line.split('\t');
    if (!status.startsWith('ii')) continue;
    needs.set(name, depends.split(/[,|]/).map(plain).filter(Boolean));
    for (const other of provides.split(',').map(plain).filter(Boolean)) if (!providers.has(other)) providers.set(other, name);
  }
  const found = new Set<string>();
  const take = (name: string): void => {
    const real = needs.has(name) ? name : providers.get(name);
    if (real === undefined || found.has(real)) return;
    found.add(real);
    for (const each of needs.get(real) ?? []) take(each);
  };
  for (const name of wanted) {
    if (!needs.has(name)) throw new Error(`${name} is not installed on this machine.`);
    take(name);
  }
  return [...found].sort();
}

function copyFiles(root: string, names: readonly string[]): void {
  const listed = execFileSync('dpkg-query', ['-L', ...names], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }).split('\n');
  const folders = new Map<string, string>();
  const real = (file: string): string => {
    const folder = dirname(file);
    if (!folders.has(folder)) folders.set(folder, existsSync(folder) ? realpathSync(folder) : folder);
    return `${folders.get(folder)}${file.slice(folder.length)}`.slice(1);
  };
  const isText = /^\/usr\/share\/(doc|man|locale|info|lintian|bug|i18n|zoneinfo)\//;
  const files = listed.filter((line) => /^\/[^ ]/.test(line) && !isText.test(line)).map(real);
  const archive = spawnSync('tar', ['-c', '-C', '/', '--no-recursion', '--ignore-failed-read', '--null', '-T', '-'], {
    input: [...new Set(files)].join('\0'),
    maxBuffer: 1024 * 1024 * 1024,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  execFileSync('tar', ['-x', '-C', root, '--keep-directory-symlink'], { input: archive.stdout, stdio: ['pipe', 'ignore', 'ignore'] });
}

/** Tells the dpkg inside of what is there. */
function registerPackages(root: string, names: readonly string[]): void {
  const wanted = new Set(names);
  const stanzas = readFileSync('/var/lib/dpkg/status', 'utf8').split('\n\n');
  const kept = stanzas.filter((stanza) => wanted.has(/^Package: (.+)$/m.exec(stanza)?.[1] ?? ''));
  writeFileSync(join(root, 'var/lib/dpkg/status'), `${kept.join('\n\n')}\n`);
  writeFileSync(join(root, 'var/lib/dpkg/available'), '');
  const info = '/var/lib/dpkg/info';
  for (const stanza of kept) {
    const [name = '', arch = ''] = [/^Package: (.+)$/m, /^Architecture: (.+)$/m].map((pattern) => pattern.exec(stanza)?.[1] ?? '');
    for (const file of [`${name}.list`, `${name}:${arch}.list`]) if (existsSync(join(info, file))) cpSync(join(info, file), join(root, info, file));
  }
  writeFileSync(join(root, info, 'format'), '1\n');
}
