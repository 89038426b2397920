import type { Gateway } from '@stoa/generated/schemas.ts';
import { Part, StateWord } from '../ground/facts.tsx';
import { visible } from '../mcp/visible.ts';

const mostShown = 500;

/** What became of its configuration, item by item: what was not plainly applied comes first. */
export function Items({ config }: Pick<Gateway, 'config'>) {
  const { items = [], desired_generation: desired, acked_generation: acked } = config;
  const sorted = items.toSorted((a, b) => rank(a.state) - rank(b.state));
  return (
    <Part title={`Configuration: generation ${acked}${desired === acked ? '' : ` of ${desired}`}`}>
      {desired !== acked && (
        <p className="sub">
          Generation {desired} is what it shall run; it has answered for {acked}.
        </p>
      )}
      {items.length === 0 && <p className="sub">Nothing was told of single items.</p>}
      <ul className="rows">
        {sorted.slice(0, mostShown).map(({ id, state, phase, reason }) => (
          <li key={id}>
            <StateWord state={state} />
            <span>
              <code>{id}</code>
              {reason && <span className="sub">{visible(phase === undefined ? reason : `${phase}: ${reason}`)}</span>}
            </span>
          </li>
        ))}
      </ul>
      {items.length > mostShown && (
        <p className="sub">
          The first {mostShown} of {items.length}. What was not plainly applied is among them.
        </p>
      )}
    </Part>
  );
}

const worst = ['rejected', 'applied_with_warnings'];
const rank = (state: string): number => (worst.indexOf(state) + worst.length + 1) % (worst.length + 1);
