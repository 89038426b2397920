import type { ManagedObject } from '../../engine/model.ts';

/** What a write of a plan tells the writer, as data. Ids of Gravitee's own are there where they were known; what is made meanwhile, the writer knows. */
export type GraviteePayload =
  | { readonly step: 'stop'; readonly apiId: string }
  | { readonly step: 'remove'; readonly apiId: string; readonly isStarted: boolean }
  | { readonly step: 'unsubscribe'; readonly apiId: string; readonly subscriptionId: string }
  | { readonly step: 'application'; readonly object: ManagedObject; readonly applicationId: string | undefined }
  | { readonly step: 'update'; readonly object: ManagedObject; readonly apiId: string }
  | { readonly step: 'create'; readonly object: ManagedObject; readonly plans: readonly ManagedObject[] }
  | {
      readonly step: 'plan';
      readonly object: ManagedObject;
      readonly api: string;
      readonly planId: string | undefined;
      readonly isPublished: boolean;
    }
  | { readonly step: 'close'; readonly apiId: string; readonly planId: string; readonly isStaging: boolean }
  | {
      readonly step: 'subscribe';
      readonly object: ManagedObject;
      readonly api: string;
      readonly subscriptionId: string | undefined;
      readonly hasKey: boolean;
    }
  | { readonly step: 'deploy'; readonly api: string; readonly isStarted: boolean }
  | { readonly step: 'archive'; readonly applicationId: string };
