import type { Api, ApiOperation, Loss } from '@stoa/generated/schemas.ts';
import { Part } from '../ground/facts.tsx';
import { formatCount } from '../ground/recent-usage.tsx';
import { visible } from '../mcp/visible.ts';

/** What an API becomes: its tools, what they cost a model, and what of its document could not be expressed. */
export function Operations({ api }: { api: Pick<Api, 'tools' | 'list_tokens' | 'operations' | 'loss_report' | 'warnings'> }) {
  return (
    <>
      {api.warnings.map((warning) => (
        <p key={warning} className="note note-warn">
          {visible(warning)}
        </p>
      ))}
      {api.loss_report.length > 0 && <Losses losses={api.loss_report} />}
      <Part
        title={`Tools: ${formatCount(api.tools)}`}
        actions={<p className="sub">about {formatCount(api.list_tokens)} tokens for a model that is given all</p>}
      >
        {api.operations?.length === 0 ? (
          <p className="sub">Its document has no operation.</p>
        ) : (
          <ul className="operations">
            {api.operations?.map((operation) => (
              <Operation key={operation.tool.name} operation={operation} />
            ))}
          </ul>
        )}
      </Part>
    </>
  );
}

function Losses({ losses }: { losses: readonly Loss[] }) {
  return (
    <Part title={`What could not be expressed: ${losses.length}`}>
      <ul className="losses">
        {losses.map(({ where, what, dropped }) => (
          <li key={`${where} ${what}`}>
            <code>{where}</code> <span>{what}</span> {dropped && <span className="tone-bad">It is left out.</span>}
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Operation({ operation: { method, path, tool } }: { operation: ApiOperation }) {
  const { description } = tool.input_schema as { description?: string };
  const about = (tool as { description?: string }).description ?? tool.title ?? description;
  return (
    <li>
      <details>
        <summary>
          <span className={`method method-${method.toLowerCase()}`}>{method}</span> <code className="operation-path">{path}</code>
          <span className="operation-tool">{tool.name}</span>
        </summary>
        {about !== undefined && <p>{visible(about)}</p>}
        <p className="sub">{hintsOf(tool.annotations)}</p>
        <h3>Arguments</h3>
        <pre tabIndex={0} aria-label={`Arguments of ${tool.name}`}>
          <code>{JSON.stringify(tool.input_schema, null, 2)}</code>
        </pre>
        {tool.output_schema && (
          <>
            <h3>Answer</h3>
            <pre tabIndex={0} aria-label={`Answer of ${tool.name}`}>
              <code>{JSON.stringify(tool.output_schema, null, 2)}</code>
            </pre>
          </>
        )}
      </details>
    </li>
  );
}

function hintsOf({ readOnlyHint, destructiveHint, idempotentHint }: ApiOperation['tool']['annotations']): string {
  const hints = [
    readOnlyHint === true && 'only reads',
    destructiveHint === true && 'may delete or overwrite',
    idempotentHint === true && 'may be repeated',
  ];
  return hints.filter((hint) => hint !== false).join(', ');
}
