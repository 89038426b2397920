import type { Pool } from 'pg';
import type { ConfigItem } from '@stoa/generated/schemas.ts';
import type { KeyMaterial } from '../access/master-key.ts';
import type { Catalog } from './catalog.ts';
import { ClassState } from './class-state.ts';
import type { ConfiguredGateway } from './desired-states.ts';
import type { TakenQuestion } from './dry-runs.ts';
import { loadWith } from './load-catalog.ts';

/** No question is given out longer after it was asked. */
const keptMs = 10_000;

/** The states that dry runs are about. A whole fleet is asked at once: the catalog that would be is loaded once for all who are asked the same. */
export class AskedStates {
  readonly #pool: Pool;
  readonly #keys: KeyMaterial;
  readonly #catalogs = new Map<string, Promise<Catalog | undefined>>();

  constructor(pool: Pool, keys: KeyMaterial) {
    this.#pool = pool;
    this.#keys = keys;
  }

  /** The state of a gateway that a question is about; undefined when its tenant is gone. */
  async itemsOf(gateway: ConfiguredGateway, taken: TakenQuestion): Promise<ConfigItem[] | undefined> {
    const catalog = await this.#catalogOf(gateway.tenant_id, taken);
    if (catalog === undefined) return undefined;
    const state = new ClassState(catalog.selectors.classOf(gateway), catalog);
    return state.wholeItems(catalog).map(({ bytes }) => JSON.parse(bytes.toString()) as ConfigItem);
  }

  #catalogOf(tenantId: string, { ask_id: askId, question }: TakenQuestion): Promise<Catalog | undefined> {
    const known = this.#catalogs.get(askId);
    if (known !== undefined) return known;
    const more = 'deployment' in question ? question.deployment : undefined;
    const loading = loadWith(this.#pool, this.#keys, tenantId, more).then((catalogs) => catalogs?.after);
    this.#catalogs.set(askId, loading);
    const forget = (): void => void this.#catalogs.delete(askId);
    setTimeout(forget, keptMs).unref();
    loading.catch(forget);
    return loading;
  }
}
