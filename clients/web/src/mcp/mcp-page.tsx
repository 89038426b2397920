import { useState } from 'react';
import type { McpServer } from '@stoa/generated/schemas.ts';
import { Skeleton } from '../fleet/skeleton.tsx';
import { Page } from '../ground/page.tsx';
import { useEndOfSession, useMay } from '../ground/session.ts';
import { readMcpServers } from './mcp-api.ts';
import { ServerDetail } from './server-detail.tsx';
import { connectionTones, stateTones } from './tones.ts';
import { useReading } from './use-mcp.ts';

/** `/mcp-servers`: the MCP servers, how gateways find them, and what of them waits for a decision. */
export function McpPage() {
  const { value: servers, failure, signedOut, refresh } = useReading('servers', readMcpServers);
  const mayDecide = useMay()('approveMcpDefinitions');
  const [announcement, announce] = useState('');
  useEndOfSession(signedOut);
  const decided = (words: string) => {
    announce(words);
    refresh();
  };
  return (
    <Page
      title="MCP servers"
      lead="What gateways serve beside the APIs, and what of it was approved."
      aside={
        <p className="announcement" role="status">
          {announcement}
        </p>
      }
    >
      {failure && (
        <div className="note note-bad failure">
          <p role="alert">{failure}</p>
          <button type="button" className="button" onClick={refresh}>
            Try now
          </button>
        </div>
      )}
      {servers === undefined && !failure && <Skeleton />}
      {servers?.length === 0 && (
        <p className="nothing">
          There is none. <code>stoactl apply</code> registers one, as the guide <em>MCP servers that you have</em> shows.
        </p>
      )}
      {servers?.map((server) => (
        <Server key={server.mcp_server_id} server={server} mayDecide={mayDecide} onDecided={decided} />
      ))}
    </Page>
  );
}

function Server({ server, mayDecide, onDecided }: { server: McpServer; mayDecide: boolean; onDecided: (words: string) => void }) {
  const { mcp_server_id: id, name, title, prefix, http, stdio, pinning, state = 'unmatched', connection, definitions } = server;
  const pending = definitions?.pending ?? 0;
  // What waits is what the page is for.
  const [isOpen, setOpen] = useState(pending > 0);
  return (
    <section className="mode mcp-server" aria-labelledby={`name-${id}`}>
      <div className="mcp-head">
        <div>
          <h2 id={`name-${id}`}>{title ?? name}</h2>
          <p className="sub mcp-place">
            <code>{prefix}…</code> at <code>{http?.url ?? `the command ${stdio?.command} of a Link`}</code>
          </p>
        </div>
        <p className="mcp-states">
          <span className={stateTones[state] ?? 'tone-quiet'}>{state.replaceAll('_', ' ')}</span>
          {connection && <span className={connectionTones[connection] ?? 'tone-quiet'}>{connection}</span>}
          <span className="sub">pinning {pinning}</span>
          <span className="sub">{definitions?.approved ?? 0} approved</span>
          <span className={pending > 0 ? 'tone-warn' : 'sub'}>{pending} pending</span>
        </p>
        <button type="button" className="button button-quiet" aria-expanded={isOpen} aria-controls={`detail-${id}`} onClick={() => setOpen(!isOpen)}>
          {isOpen ? 'Hide' : 'Show'}
          <span className="visually-hidden"> details of {title ?? name}</span>
        </button>
      </div>
      <div id={`detail-${id}`} className="mcp-detail" hidden={!isOpen}>
        {isOpen && <ServerDetail id={id} mayDecide={mayDecide} onDecided={onDecided} />}
      </div>
    </section>
  );
}
