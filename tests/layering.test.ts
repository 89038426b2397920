import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const packageFolders: Record<string, string> = {
  '@stoa/lib': 'lib',
  '@stoa/openapi': 'openapi',
  '@stoa/generated': 'generated',
  '@stoa/server': 'server',
  '@stoa/control-plane-client': 'clients/control-plane',
  '@stoa/client-config': 'clients/config',
  '@stoa/client-auth': 'clients/auth',
  '@stoa/stoactl': 'clients/stoactl',
  '@stoa/web': 'clients/web',
  '@stoa/mcp': 'runtimes/mcp',
  '@stoa/gateway': 'runtimes/gateway',
  '@stoa/link': 'runtimes/link',
  '@stoa/connect': 'runtimes/connect',
  '@stoa/contract-tests': 'contract-tests',
  '@stoa/conformance-kit': 'conformance/kit',
  '@stoa/examples': 'examples',
  '@stoa/bench': 'bench',
  '@stoa/experiments': 'experiments',
};

// What each folder may import of ours, besides itself. Data walks one way: openapi → generated → clients → runtimes, prisma → generated → server.
const arrows: Record<string, string[]> = {
  lib: [],
  openapi: [],
  generated: [],
  server: ['lib', 'generated'],
  'clients/control-plane': ['lib', 'generated'],
  'clients/config': ['lib'],
  'clients/auth': ['lib', 'clients/config'],
  'clients/stoactl': ['lib', 'generated', 'clients/control-plane', 'clients/config', 'clients/auth', 'runtimes/connect'],
  'clients/web': ['generated'],
  'runtimes/mcp': ['lib', 'generated', 'clients/control-plane'],
  'runtimes/gateway': ['lib', 'generated', 'runtimes/mcp'],
  'runtimes/link': ['lib', 'generated', 'runtimes/mcp'],
  'runtimes/connect': ['lib', 'generated', 'clients/control-plane', 'clients/config', 'clients/auth'],
  examples: ['lib', 'generated'],
};

// The rooms of the engine, in the order that a call walks, and what each may take of the others. What has no room puts them together.
const rooms: Record<string, readonly string[]> = {
  doors: ['engine.ts', 'model.ts', 'revisions', 'decide', 'federation', 'upstream', 'snapshot'],
  decide: ['model.ts', 'federation', 'upstream', 'metering', 'snapshot'],
  federation: ['model.ts', 'revisions', 'upstream'],
  upstream: ['model.ts'],
  metering: ['model.ts'],
  snapshot: ['model.ts'],
};

type Import = { file: string; specifier: string };

const sources = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx'], { cwd: root, encoding: 'utf8' })
  .trim()
  .split('\n')
  .filter((file) => !file.startsWith('generated/'));
const trackedCode = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx', '*.js', '*.mjs'], {
  cwd: root,
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .map((file) => [file, readFileSync(join(root, file), 'utf8')] as const);
const isTestCode = (file: string) =>
  /\.test\.tsx?$|\/testing\/|^tests\/|^contract-tests\/|^bench\/|^conformance\/|^experiments\/|^runtimes\/connect\/laws\//.test(file);
const allImports: Import[] = sources.flatMap((file) =>
  ts.preProcessFile(readFileSync(join(root, file), 'utf8'), true, true).importedFiles.map(({ fileName }) => ({ file, specifier: fileName })),
);
const imports = allImports.filter(({ file }) => !isTestCode(file));

const folderOf = (path: string): string | undefined =>
  Object.values(packageFolders)
    .sort((a, b) => b.length - a.length)
    .find((folder) => path === folder || path.startsWith(`${folder}/`));

/** The folder of ours that an import leads to; undefined for packages and for Node. */
function targetOf({ file, specifier }: Import): string | undefined {
  if (specifier.startsWith('.')) return folderOf(normalize(join(dirname(file), specifier)));
  const name = specifier.split('/').slice(0, 2).join('/');
  return packageFolders[name];
}

describe('imports', () => {
  it('are found at all', () => {
    expect(imports.length).toBeGreaterThan(300);
  });

  it.each(Object.entries(arrows))('of %s lead only to %j', (folder, allowed) => {
    const wrong = imports
      .filter((entry) => folderOf(entry.file) === folder)
      .filter((entry) => ![undefined, folder, ...allowed].includes(targetOf(entry)));
    expect(wrong).toEqual([]);
  });

  it.each(Object.entries(rooms))('of the room %s of the engine lead only to %j', (room, allowed) => {
    const engine = 'runtimes/mcp/';
    const roomOf = (file: string) => file.slice(engine.length).split('/', 1)[0] ?? '';
    const within = imports.filter(({ file }) => file.startsWith(`${engine}${room}/`)).map((entry) => [entry.file, importedFile(entry)] as const);
    expect(within.length).toBeGreaterThan(5);
    const strays = within.filter(([, target]) => target?.startsWith(engine) === true && ![room, ...allowed].includes(roomOf(target)));
    expect(strays).toEqual([]);
  });

  it('of another package go by its name, so that package.json says what a part uses', () => {
    const strays = imports.filter(
      (entry) => entry.specifier.startsWith('.') && folderOf(entry.file) !== undefined && targetOf(entry) !== folderOf(entry.file),
    );
    // The version of the product stands in the one package.json at the root.
    expect(strays).toEqual([{ file: 'lib/version.ts', specifier: '../package.json' }]);
  });

  it('of a package are declared in the package.json of the part that imports it', () => {
    const undeclared = imports.flatMap(({ file, specifier }) => {
      const folder = folderOf(file);
      if (!folder || specifier.startsWith('.') || specifier.startsWith('node:')) return [];
      const name = specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/');
      const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Record<
        string,
        Record<string, string>
      >;
      return name === packageName(folder) || name in dependencies || name in devDependencies ? [] : [`${file}: ${name}`];
    });
    expect(undeclared).toEqual([]);
  });

  it('are there for every package that a package.json lists', () => {
    const unused = ['', ...Object.values(packageFolders)].flatMap((folder) => {
      const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Record<
        'dependencies' | 'devDependencies' | 'scripts',
        Record<string, string> | undefined
      >;
      const scripts = Object.values(manifest.scripts ?? {})
        .join(' ')
        .split(' ');
      const code = trackedCode.filter(([file]) => file.startsWith(folder === '' ? '' : `${folder}/`)).map(([, text]) => text);
      const isUsed = (name: string): boolean => {
        // Types are used where what they describe is.
        const described = name.startsWith('@types/') ? name.slice('@types/'.length) : undefined;
        if (described === 'node') return true;
        if (described !== undefined) return isUsed(described);
        const taken = new RegExp(`(?:\\bfrom |\\bimport |\\()(['"])${name.replaceAll('.', '\\.')}(?:/[^'"]*)?\\1`);
        return programsOf(name).some((program) => scripts.includes(program)) || code.some((text) => taken.test(text));
      };
      return [manifest.dependencies, manifest.devDependencies]
        .flatMap((listed) => Object.keys(listed ?? {}))
        .filter((name) => !isUsed(name))
        .map((name) => `${folder}/package.json: ${name}`);
    });
    expect(unused).toEqual([]);
  });

  it('of stoactl take from Connect what reads its settings and asks its gateway: what it writes for a machine is judged there by the same code', () => {
    const taken = imports.filter((entry) => folderOf(entry.file) === 'clients/stoactl' && targetOf(entry) === 'runtimes/connect');
    expect(new Set(taken.map(({ specifier }) => specifier))).toEqual(
      new Set(['@stoa/connect/config.ts', '@stoa/connect/enrollment.ts', '@stoa/connect/peers.ts']),
    );
  });

  it('of what opens connections lie in one place for Connect and stoactl: neither asks over the network by itself', () => {
    const asks = imports.filter(({ file }) => /^(clients\/(auth|config|stoactl)|runtimes\/connect)\//.test(file));
    const modules = asks.filter(({ specifier }) => ['undici', 'openapi-fetch'].includes(specifier));
    const requests = trackedCode.filter(
      ([file, text]) => asks.some((entry) => entry.file === file) && /\bhttps?(?:Request|\.request|\.get)\(/.test(text),
    );
    expect([...modules.map(({ file }) => file), ...requests.map(([file]) => file)]).toEqual([]);
  });

  it('of Connect hold no MCP code: Connect does not serve MCP', () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, 'runtimes/connect/package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const reached = imports.filter((entry) => folderOf(entry.file) === 'runtimes/connect').map((entry) => entry.specifier);
    expect([...reached, ...Object.keys(dependencies)].filter((name) => /mcp|modelcontextprotocol/i.test(name))).toEqual([]);
  });

  it('make no circle, type-only ones included: of two files that need each other, neither can be read, tested or moved alone', () => {
    expect(circles()).toEqual([]);
  });

  it('name what they take: no file passes everything on with `export *`', () => {
    const wildcards = sources.filter((file) => /^export \*/m.test(readFileSync(join(root, file), 'utf8')));
    expect(wildcards).toEqual([]);
  });
});

describe('the database', () => {
  const serverCode = trackedCode.filter(([file]) => file.startsWith('server/') && !isTestCode(file));
  const holding = (pattern: RegExp, folder = 'server/') =>
    serverCode.filter(([file, text]) => file.startsWith(folder) && pattern.test(text)).map(([file]) => file);

  it('is reached by operations in transactions that are for one tenant, and in no other way', () => {
    expect(holding(/\binTenant\(/, 'server/operations/').length).toBeGreaterThan(25);
    expect(holding(/\b(?:pool|prisma(?!\/)|tenantTransaction|\$transaction)\b/, 'server/operations/')).toEqual([]);
  });

  it('has one client of Prisma, which nobody can take outside of such a transaction', () => {
    expect(holding(/new PrismaClient\(/)).toEqual(['server/database/connection.ts']);
    expect(holding(/\$transaction\b/)).toEqual(['server/database/connection.ts']);
    expect(holding(/\.tenantTransaction\(/)).toEqual(['server/tenants/in-tenant.ts']);
  });
});

describe('a type that a part exports', () => {
  // `lib` imports nothing of ours, and an error of a program without any contract is a problem too (RFC 9457).
  const sameThing = new Set(['Problem']);
  it('has a name that no other part uses: one name, one thing', () => {
    const shipped = trackedCode.filter(([file]) => /^(lib|server|clients|runtimes|generated)\//.test(file) && !/^generated\/prisma\//.test(file));
    const files = new Map<string, string[]>();
    for (const [file, text] of shipped.filter(([name]) => !isTestCode(name))) {
      for (const [, name = ''] of text.matchAll(/^export (?:declare |abstract )*(?:type|interface|class) (\w+)/gm)) {
        if (!sameThing.has(name)) {
          // Each document has generated types of its own, which say the same in the same words.
          const place = file.startsWith('generated/') ? 'generated' : file;
          files.set(name, [...new Set(files.get(name)).add(place)]);
        }
      }
    }
    expect(files.size).toBeGreaterThan(200);
    expect([...files].filter(([, places]) => places.length > 1)).toEqual([]);
  });
});

/** The file of ours that an import leads to; undefined for packages and for Node. */
function importedFile({ file, specifier }: Import): string | undefined {
  const folder = targetOf({ file, specifier });
  if (folder === undefined) return undefined;
  const [scope, name, ...rest] = specifier.split('/');
  return specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : join(packageFolders[`${scope}/${name}`] ?? '', ...rest);
}

/** Each circle of imports once, as the files that it goes through, in the order of a walk that never enters a file twice. */
function circles(): string[][] {
  const next = Map.groupBy(
    allImports.map((entry) => ({ from: entry.file, to: importedFile(entry) })),
    ({ from }) => from,
  );
  const found: string[][] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    if (done.has(file)) return;
    const at = path.indexOf(file);
    if (at >= 0) {
      found.push(path.slice(at));
      return;
    }
    path.push(file);
    for (const { to } of next.get(file) ?? []) if (to !== undefined) visit(to);
    path.pop();
    done.add(file);
  };
  for (const file of sources) visit(file);
  return found;
}

const packageName = (folder: string) => Object.entries(packageFolders).find(([, path]) => path === folder)?.[0];

/** What a package puts on the PATH of npm scripts: names as scripts call them. */
function programsOf(name: string): string[] {
  const { bin } = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as { bin?: string | Record<string, string> };
  return typeof bin === 'string' ? [name] : Object.keys(bin ?? {});
}
