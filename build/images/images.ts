import { programs } from '../main.ts';

/** By number, since a cluster that refuses root cannot tell who a name is. Its group is root's, as that of every user that OpenShift chooses. */
export const user = { name: 'stoa', id: 65532, home: '/var/lib/stoa' } as const;

/** Largest that an image may be, as it is pulled. */
export const maxImageBytes = 75 * 1024 * 1024;

/** Where images are pulled from unless one says otherwise: an address of nobody, which charts and archives share, so that archives can be loaded into nodes as they are. */
export const usualRegistry = 'registry.example/stoa';

export type Image = {
  /** The last part of the image's name. */
  readonly name: string;
  /** In `programs`. */
  readonly program: string;
  /** One line that says what it is. */
  readonly title: string;
  /** What it listens on; nothing for a command. */
  readonly port?: number;
  /** Defaults that differ in an image: they are settings of the program, and win over those of its own. */
  readonly env: Readonly<Record<string, string>>;
  /** Packages that are code for a platform, by platform. */
  readonly native: { readonly amd64: readonly string[]; readonly arm64: readonly string[] };
};

const listens = (port: number, kept: 'STOA_STATE_DIR' | 'STOA_DATA_DIR') => ({
  port,
  env: { STOA_LISTEN: `0.0.0.0:${port}`, [kept]: user.home },
});
const none = { amd64: [], arm64: [] } as const;
const both = (name: string): Image['native'] => ({ amd64: [`${name}-linux-x64-gnu`], arm64: [`${name}-linux-arm64-gnu`] });

/** One for each program: what they share lies in layers that are stored once, and none holds what it does not run. */
export const images: readonly Image[] = [
  {
    name: 'control-plane',
    program: 'stoa-control-plane',
    title: 'STOA Control Plane',
    ...listens(8080, 'STOA_DATA_DIR'),
    native: both('@node-rs/argon2'),
  },
  { name: 'gateway', program: 'stoa-gateway', title: 'STOA Gateway', ...listens(8081, 'STOA_STATE_DIR'), native: none },
  { name: 'link', program: 'stoa-link', title: 'STOA Link', ...listens(8082, 'STOA_STATE_DIR'), native: none },
  { name: 'connect', program: 'stoa-connect', title: 'STOA Connect', ...listens(8083, 'STOA_STATE_DIR'), native: none },
  { name: 'stoactl', program: 'stoactl', title: 'stoactl', env: {}, native: both('@napi-rs/keyring') },
];

/** Of every image. `HOME` is where stoactl keeps what it knows. */
export const usualEnv = { PATH: '/usr/local/bin', HOME: user.home } as const;

export const entrypointOf = ({ program }: Image): readonly string[] => {
  if (programs[program] === undefined) throw new Error(`No program is called ${program}.`);
  // As bin/run: on a large machine V8 keeps 100 MB and more for objects that have just been made.
  return ['/usr/local/bin/node', '--max-semi-space-size=16', '/app/main.mjs'];
};
