import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Processes } from '@stoa/bench/system/processes.ts';
import { freePorts, makeStateDir, startSystem } from '../../tests/system/running-system.ts';
import { startPlane } from './plane.ts';
import type { Plane } from './plane.ts';
import type { System } from './system.ts';
import { Tools } from './tools.ts';

/** Everything that experiments are made with, started when first asked for and shared by all: experiments leave it as they found it. */
export class Lab {
  readonly #closes: (() => Promise<void>)[] = [];
  #system: Promise<System> | undefined;
  #plane: Promise<Plane> | undefined;
  #tools: Promise<Tools> | undefined;

  /** What `make up` runs: the built programs with an example API. */
  system(): Promise<System> {
    return (this.#system ??= this.#startSystem());
  }

  /** A Control Plane in this process, with a proxy before its database. */
  plane(): Promise<Plane> {
    return (this.#plane ??= startPlane().then((plane) => this.#kept(plane, () => plane.close())));
  }

  /** An API of which this process is the upstream, as tools of the system's Gateway. */
  tools(): Promise<Tools> {
    return (this.#tools ??= this.system()
      .then((system) => Tools.start(system))
      .then((tools) => this.#kept(tools, () => tools.close())));
  }

  /** Further programs and an empty directory, for one experiment alone. */
  async bench<T>(use: (bench: { directory: string; processes: Processes }) => Promise<T>): Promise<T> {
    const directory = await mkdtemp(join(tmpdir(), 'stoa-experiment-'));
    const processes = new Processes(directory);
    try {
      return await use({ directory, processes });
    } finally {
      await processes.stop();
      await rm(directory, { recursive: true, force: true });
    }
  }

  async close(): Promise<void> {
    for (const close of this.#closes.splice(0).reverse()) await close().catch((error: unknown) => console.error(String(error)));
  }

  async #startSystem(): Promise<System> {
    const state = await makeStateDir();
    this.#closes.push(() => state.remove());
    const system = await startSystem(state.path, await freePorts());
    this.#closes.push(async () => void (await system.interrupt()));
    return { ...system, stateDir: state.path };
  }

  #kept<T>(thing: T, close: () => Promise<void>): T {
    this.#closes.push(close);
    return thing;
  }
}
