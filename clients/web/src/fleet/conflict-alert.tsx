import type { Gateway } from '@stoa/generated/schemas.ts';

/** Instance names that several processes claim, as an alert at the top of the page. */
export function ConflictAlert({ conflicts }: { conflicts: readonly Gateway[] }) {
  if (conflicts.length === 0) return null;
  return (
    <section className="note note-conflict" aria-label="Conflicts">
      <p className="note-title">
        {conflicts.length === 1 ? 'Several processes fight for one name' : `Several processes fight for each of ${conflicts.length} names`}
      </p>
      <p>
        {conflicts.map(({ gateway_id, instance_name, environment }, index) => (
          <span key={gateway_id}>
            {index > 0 && ', '}
            <a href={`#${gateway_id}`}>{instance_name}</a> in {environment}
          </span>
        ))}
        . Each took the lease from the other more than three times within five minutes. Give every process a <code>STOA_INSTANCE_NAME</code> of its
        own, or stop all but one.
      </p>
    </section>
  );
}
