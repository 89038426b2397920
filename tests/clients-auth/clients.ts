import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { goProgram, pythonWith, run } from '../clients/install.ts';

/** A program that signs in at an MCP address; see `runClient` for what it says and hears. */
export type Client = {
  readonly name: string;
  /** The programs that it is built with. */
  readonly toolchain: readonly string[];
  /** Installs and builds what it needs, in folders that git ignores; answers how to start it. */
  prepare(): string[];
};

const home = import.meta.dirname;
const cache = `${home}/.cache`;
const goSdk = 'github.com/modelcontextprotocol/go-sdk';

const typescript = (name: string, major: string): Client => ({
  name,
  toolchain: [],
  prepare: () => [process.execPath, `${home}/typescript/client.ts`, major],
});

const python = (name: string, requirement: string, script: string): Client => ({
  name,
  toolchain: ['python3'],
  prepare: () => [pythonWith(requirement), `${home}/python/${script}`],
});

export const clients: readonly Client[] = [
  typescript('TypeScript SDK 1.x', '1'),
  typescript('TypeScript SDK 2.x', '2'),
  python('Python mcp 1.30.0', 'mcp==1.30.0', 'mcp1.py'),
  python('Python mcp 2.3.0', 'mcp==2.3.0', 'mcp2.py'),
  python('Python fastmcp 4.2.3', 'fastmcp==4.2.3', 'fastmcp_client.py'),
  {
    name: 'Go go-sdk 1.8.0',
    toolchain: ['go'],
    prepare() {
      mkdirSync(`${cache}/go`, { recursive: true });
      copyFileSync(`${home}/go/main.go`, `${cache}/go/main.go`);
      return [goProgram(`${cache}/go`, [`${goSdk}/mcp@v1.8.0`, `${goSdk}/auth@v1.8.0`, 'golang.org/x/oauth2@v0.35.0'])];
    },
  },
  {
    name: 'Rust rmcp 3.11.0',
    toolchain: ['cargo'],
    prepare() {
      mkdirSync(`${cache}/rust/src`, { recursive: true });
      copyFileSync(`${home}/rust/Cargo.toml`, `${cache}/rust/Cargo.toml`);
      copyFileSync(`${home}/rust/main.rs`, `${cache}/rust/src/main.rs`);
      run('cargo', ['build', '--quiet'], 'Rust 1.85 or newer, and the crates of Cargo.toml', { cwd: `${cache}/rust` });
      return [`${cache}/rust/target/debug/client`];
    },
  },
];

const versionFlag: Readonly<Record<string, string>> = { go: 'version' };

/** Those of the programs that are not on the PATH. */
export const missingOf = (programs: readonly string[]): string[] =>
  programs.filter((program) => spawnSync(program, [versionFlag[program] ?? '--version'], { stdio: 'ignore' }).status !== 0);
