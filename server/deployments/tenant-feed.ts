import type { Pool } from 'pg';
import type { KeyMaterial } from '../access/master-key.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { ConfigWaiters } from './config-waiters.ts';
import type { ClassState, StateContent } from './class-state.ts';
import { followCatalog } from './follow-catalog.ts';
import type { Recipient } from './selectors.ts';
import { lockProgress, moveGateways, putStates, readPlaces } from './state-rows.ts';
import type { TenantStates } from './tenant-states.ts';

/** What a gateway shall serve at one moment. */
export type CurrentState = { readonly generation: number; readonly state: ClassState; readonly content: StateContent; readonly tenant: TenantStates };
export type Unplaced = Recipient & { id: string };

const maxAttempts = 5;
const placedAtOnce = 1_000;
/** More than that many wait no longer for their place: the feed gives it to those who ask. */
const maxUnplaced = 20_000;

type Request = { gateway: Unplaced; resolve: (current: CurrentState | undefined) => void; reject: (error: unknown) => void };

/** The states of one tenant, kept up with its catalog, and those who wait for news of them. */
export class TenantFeed {
  readonly waiters = new ConfigWaiters();
  readonly #pool: Pool;
  readonly #keys: KeyMaterial;
  readonly #tenantId: string;
  #states: TenantStates | undefined;
  /** One thing at a time changes the states or writes them. */
  #working: Promise<unknown> = Promise.resolve();
  #isFollowing = false;
  /** The follow-up that has not begun yet: changes that come in a burst share it. */
  #next: Promise<void> | undefined;
  #unplaced: Request[] = [];

  constructor(pool: Pool, keys: KeyMaterial, tenantId: string) {
    this.#pool = pool;
    this.#keys = keys;
    this.#tenantId = tenantId;
  }

  /** Takes in what has changed until now. */
  follow(): Promise<void> {
    this.#next ??= this.#alone(async () => {
      this.#next = undefined;
      this.#isFollowing = true;
      await this.#follow().finally(() => (this.#isFollowing = false));
    });
    return this.#next;
  }

  /** The states of a revision or a newer one. Undefined when there is no such tenant. */
  async at(revision: bigint): Promise<TenantStates | undefined> {
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      if (this.#isFollowing) await this.#working;
      else if (this.#states && this.#states.catalog.revision >= revision) return this.#states;
      else await this.follow();
    }
    if (this.#states) throw new Error(`The catalog of tenant ${this.#tenantId} kept changing.`);
    return undefined;
  }

  /** Gives a gateway its state. Many that ask at once are given theirs in one transaction. Undefined when there is no such gateway any more. */
  place(gateway: Unplaced): Promise<CurrentState | undefined> {
    return new Promise((resolve, reject) => {
      this.#unplaced.push({ gateway, resolve, reject });
      if (this.#unplaced.length === 1) setImmediate(() => void this.#placeAll());
    });
  }

  get isCrowded(): boolean {
    return this.#unplaced.length >= maxUnplaced;
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#working.then(work);
    this.#working = done.catch(() => {});
    return done;
  }

  async #follow(): Promise<void> {
    try {
      for (let attempt = 0; ; attempt += 1) {
        const followed = await followCatalog(this.#pool, this.#keys, this.#tenantId, this.#states);
        this.#states = followed?.tenant;
        void this.waiters.wake(followed?.concerned ?? 'everybody');
        if (!followed?.isBehind) return;
        if (attempt === maxAttempts) throw new Error(`The states of tenant ${this.#tenantId} are of a newer catalog than there is.`);
      }
    } catch (error) {
      this.#states = undefined;
      void this.waiters.wake('everybody');
      throw error;
    }
  }

  async #placeAll(): Promise<void> {
    while (this.#unplaced.length > 0) {
      const batch = this.#unplaced.slice(0, placedAtOnce);
      try {
        const placed = await this.#placeBatch(batch.map(({ gateway }) => gateway));
        for (const { gateway, resolve } of batch) resolve(placed.get(gateway.id));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      this.#unplaced = this.#unplaced.slice(batch.length);
    }
  }

  async #placeBatch(gateways: Unplaced[]): Promise<ReadonlyMap<string, CurrentState>> {
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const states = await this.at(0n);
      if (!states) return new Map();
      const placed = await this.#alone(() => this.#tryToPlace(states, gateways));
      if (placed) return placed;
      await this.follow();
    }
    throw new Error(`The desired states of tenant ${this.#tenantId} kept changing.`);
  }

  /** Undefined when the states in the database were made from another revision than ours. */
  #tryToPlace(tenant: TenantStates, gateways: Unplaced[]): Promise<ReadonlyMap<string, CurrentState> | undefined> {
    return inTransaction(this.#pool, async (client) => {
      const progress = await lockProgress(client, this.#tenantId);
      if (this.#states !== tenant || progress !== tenant.catalog.revision) return undefined;
      const wanted = new Map(gateways.map((gateway) => [gateway.id, tenant.stateFor(gateway)]));
      const ids = await putStates(client, this.#tenantId, [...new Set(wanted.values())]);
      await moveGateways(
        client,
        [...wanted].map(([gatewayId, { key }]) => ({ gatewayId, stateId: ids.get(key) as string })),
      );
      const places = await readPlaces(client, [...wanted.keys()]);
      return new Map(
        [...wanted].flatMap(([id, state]): [string, CurrentState][] => {
          const place = places.get(id);
          return place ? [[id, { generation: place.generation, state, content: state.content, tenant }]] : [];
        }),
      );
    });
  }
}
