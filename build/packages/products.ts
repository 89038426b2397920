/** What is shipped as packages, and what each package says of itself. */
export type Product = {
  readonly name: 'stoa-connect' | 'stoactl';
  readonly entry: string;
  /** One line, as package managers list it. */
  readonly summary: string;
  readonly description: string;
  /** Section of the manual. */
  readonly manual: 1 | 8;
  /** What Node.js is started with inside of the executable. */
  readonly nodeOptions: readonly string[];
  /** Whether a service, a configuration and a user come with it. */
  readonly isService: boolean;
  /** Whether it asks the keyring of the system, by a library in code for each platform. */
  readonly hasKeyring: boolean;
};

/** Ten times what V8 waits for. The compilers that optimize are 5 MB of the program's file, which an idle service then never reads into memory. */
const optimizedLater = [
  '--invocation-count-for-turbofan=30000',
  '--invocation-count-for-maglev=4000',
  '--invocation-count-for-osr=5000',
  '--invocation-count-for-maglev-osr=1000',
];

export const products: readonly Product[] = [
  {
    name: 'stoa-connect',
    entry: 'runtimes/connect/main.ts',
    summary: 'STOA Connect, configures a third-party API gateway',
    description:
      'STOA Connect brings an API gateway that is there already to what a STOA Control Plane wants of it, through the admin API of that gateway: APIs, policies, consumers and their keys. It serves no traffic and needs neither Docker nor Kubernetes.',
    manual: 8,
    nodeOptions: ['--max-semi-space-size=16', ...optimizedLater],
    isService: true,
    hasKeyring: false,
  },
  {
    name: 'stoactl',
    entry: 'clients/stoactl/main.ts',
    summary: 'Command line of the STOA Control Plane',
    description:
      'stoactl signs in to a STOA Control Plane, lists and describes what is there, applies manifests, enrols a machine for STOA Connect and looks for what is wrong.',
    manual: 1,
    nodeOptions: ['--max-semi-space-size=16'],
    isService: false,
    hasKeyring: true,
  },
];
