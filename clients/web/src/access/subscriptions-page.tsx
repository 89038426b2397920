import { useState } from 'react';
import type { Subscription } from '@stoa/generated/schemas.ts';
import { List } from '../ground/list/list.tsx';
import { Page } from '../ground/page.tsx';
import { useMay } from '../ground/session.ts';
import { EndSubscription, Subscribe, subscriptionList } from './subscriptions.tsx';

/** `/access/subscriptions`: who may call what. */
export function SubscriptionsPage() {
  const may = useMay();
  const [isAdding, setAdding] = useState(false);
  const [ending, setEnding] = useState<Subscription>();
  return (
    <Page
      title="Subscriptions"
      lead="Which consumer may call which API, plan, MCP server or tool set."
      aside={
        may('createSubscription') && (
          <button type="button" className="button button-main" data-key="n" onClick={() => setAdding(true)}>
            Subscribe
          </button>
        )
      }
    >
      <List spec={subscriptionList(undefined, may('deleteSubscription') ? setEnding : undefined)} />
      {isAdding && <Subscribe onClose={() => setAdding(false)} />}
      {ending && <EndSubscription of={ending} onClose={() => setEnding(undefined)} />}
    </Page>
  );
}
