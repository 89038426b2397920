import type { Api } from '@stoa/generated/schemas.ts';
import { When } from '../ground/facts.tsx';

/** Whether a version is on its way out. */
export function LifecycleWord({ lifecycle }: { lifecycle: Api['lifecycle'] | undefined }) {
  if (lifecycle?.sunset_at !== undefined)
    return (
      <span className="sub tone-warn">
        ends <When at={lifecycle.sunset_at} />
      </span>
    );
  if (lifecycle?.deprecated_at === undefined) return null;
  return (
    <span className="sub tone-warn">
      deprecated <When at={lifecycle.deprecated_at} />
    </span>
  );
}
