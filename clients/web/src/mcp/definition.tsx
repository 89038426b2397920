import type { JsonDifference, McpDefinitionEntry } from '@stoa/generated/schemas.ts';
import { visible, visibleJson } from './visible.ts';

type Props = { entry: McpDefinitionEntry; mayDecide: boolean; isBusy: boolean; onDecide: (verdict: 'approve' | 'reject') => void };

const kinds = { tool: 'Tool', prompt: 'Prompt', resource: 'Resource', resource_template: 'Resource template' } as const;
const hashDigits = 12;

/** One definition that waits: what it would change, what to beware of, and the buttons that decide on exactly this. */
export function Definition({ entry, mayDecide, isBusy, onDecide }: Props) {
  const { kind, name, sha256, change, definition, differences = [], warnings, offered_by: by = [] } = entry;
  const title = `${kinds[kind].toLowerCase()} ${visible(name)}`;
  return (
    <li className="definition">
      <div className="definition-head">
        <h3>
          <span className="quiet">{kinds[kind]}</span> <code>{visible(name)}</code>
        </h3>
        <span className="sub">
          {change === 'changed' ? 'changed' : 'new'}, <code title={sha256}>{sha256.slice(0, hashDigits)}</code>
          {by.length > 0 && `, found by ${by.join(', ')}`}
        </span>
      </div>
      {warnings.map((warning) => (
        <p key={warning} className="definition-warning tone-warn">
          {visible(warning)}
        </p>
      ))}
      {change === 'changed' ? (
        <dl className="differences">
          {differences.map((difference) => (
            <Difference key={`${difference.pointer} ${difference.change}`} difference={difference} />
          ))}
        </dl>
      ) : (
        <pre className="definition-whole" tabIndex={0} aria-label={`The ${title} as the server describes it`}>
          {visibleJson(definition)}
        </pre>
      )}
      {change === 'changed' && (
        <details>
          <summary>The whole description</summary>
          <pre className="definition-whole">{visibleJson(definition)}</pre>
        </details>
      )}
      {mayDecide && (
        <div className="decide">
          <button type="button" className="button" disabled={isBusy} onClick={() => onDecide('approve')}>
            Approve<span className="visually-hidden"> the {title}</span>
          </button>
          <button type="button" className="button button-quiet" disabled={isBusy} onClick={() => onDecide('reject')}>
            Reject<span className="visually-hidden"> the {title}</span>
          </button>
        </div>
      )}
    </li>
  );
}

/** The approved and the proposed, in words and marks, not in colour alone. */
function Difference({ difference: { pointer, change, before, after } }: { difference: JsonDifference }) {
  return (
    <div className="difference">
      <dt>
        <code>{pointer === '' ? 'all of it' : visible(pointer)}</code> <span className="sub">{change}</span>
      </dt>
      {change !== 'added' && (
        <dd>
          <del>
            <span className="visually-hidden">Approved: </span>
            {visibleJson(before)}
          </del>
        </dd>
      )}
      {change !== 'removed' && (
        <dd>
          <ins>
            <span className="visually-hidden">Proposed: </span>
            {visibleJson(after)}
          </ins>
        </dd>
      )}
    </div>
  );
}
