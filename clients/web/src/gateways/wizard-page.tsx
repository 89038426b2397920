import { useState } from 'react';
import type { GatewayMode } from '@stoa/generated/schemas.ts';
import { client } from '../api.ts';
import { answered, within } from '../ground/fault.ts';
import { Field, Form } from '../ground/form/form.tsx';
import { useForm } from '../ground/form/use-form.ts';
import { Page } from '../ground/page.tsx';
import { useMay } from '../ground/session.ts';
import { Empty } from '../ground/states.tsx';
import { Arrival } from './arrival.tsx';
import { gatewayModes } from './modes.ts';

type Answer = { words: string; to: GatewayMode | Question };
type Question = { asks: string; answers: readonly Answer[] };

/** Which one to choose (ADR 057), as questions. */
const first: Question = {
  asks: 'Where shall it run?',
  answers: [
    {
      words: 'In containers, as Kubernetes',
      to: {
        asks: 'Shall STOA be the gateway there?',
        answers: [
          { words: 'Yes, it serves the APIs itself', to: 'edge_mcp' },
          {
            words: 'No, a gateway is there and stays',
            to: {
              asks: 'What is wanted of it?',
              answers: [
                { words: 'MCP, and policies that are enforced on each call', to: 'sidecar' },
                { words: 'Its own policies, kept in step', to: 'connect' },
              ],
            },
          },
        ],
      },
    },
    { words: 'Beside a gateway on a machine, virtual or bare', to: 'connect' },
  ],
};

const modeWords: Readonly<Record<GatewayMode, string>> = {
  edge_mcp: 'A Gateway: it serves APIs as REST and as tools, and enforces policies inline.',
  sidecar: 'A Link: it stands beside your gateway, serves MCP there, and decides on requests that the gateway asks it about.',
  connect: 'A Connect: it configures your gateway by its admin API, and is never on the path of a call.',
};

/** `/gateways/add`: questions, then a key that fits nothing else, the command, and whether it has come. */
export function AddGatewayPage() {
  const [chosen, setChosen] = useState<readonly Answer[]>([]);
  const may = useMay();
  const last = chosen.at(-1)?.to ?? first;
  const mode = typeof last === 'string' ? last : undefined;
  return (
    <Page
      title="Add a gateway"
      above={{ href: '/gateways/modes', title: 'Fleet' }}
      lead="A few questions, then the command with a key that is good for this gateway alone."
    >
      {may('createGatewayKey') ? (
        <div className="form-narrow wizard">
          {chosen.length > 0 && (
            <ol className="answered">
              {chosen.map(({ words }, at) => (
                <li key={words}>
                  {words}{' '}
                  <button type="button" className="as-link" onClick={() => setChosen(chosen.slice(0, at))}>
                    Change<span className="visually-hidden">: {words}</span>
                  </button>
                </li>
              ))}
            </ol>
          )}
          {typeof last === 'string' ? (
            <ForMode key={mode} mode={last} />
          ) : (
            <section aria-labelledby="asks">
              <h2 id="asks">{last.asks}</h2>
              <div className="choices">
                {last.answers.map((answer) => (
                  <button key={answer.words} type="button" className="button choice" onClick={() => setChosen([...chosen, answer])}>
                    {answer.words}
                  </button>
                ))}
              </div>
            </section>
          )}
        </div>
      ) : (
        <Empty title="Your roles do not let you mint gateway keys">
          <p>An operator, an admin or an owner of the tenant does.</p>
        </Empty>
      )}
    </Page>
  );
}

type Ready = { secret: string; environment: string; instance_name: string };

function ForMode({ mode }: { mode: GatewayMode }) {
  const [ready, setReady] = useState<Ready>();
  const product = gatewayModes.find(([name]) => name === mode)?.[1] ?? mode;
  const form = useForm({
    start: { environments: 'production', instance_name: `${product.toLowerCase()}-01` },
    pointers: ['/body/environments', '/body/instance_name'],
    save: async ({ environments = '', instance_name = '' }) => {
      const [environment, name] = [environments.trim(), instance_name.trim()];
      const body = { name, modes: [mode], environments: [environment], instance_name: name };
      const { secret } = await answered(client.POST('/v1/gateway-keys', { signal: within(), body }));
      setReady({ secret, environment, instance_name: name });
    },
  });
  if (ready !== undefined) return <Arrival mode={mode} {...ready} />;
  return (
    <>
      <p className="note note-quiet">{modeWords[mode]}</p>
      <Form form={form} submit="Mint its key and show the command">
        <Field form={form} name="environments" label="Environment" hint="As in production: deployments choose gateways by it." isFirst />
        <Field form={form} name="instance_name" label="Name" hint="Of this instance; no two in one environment share one." />
      </Form>
    </>
  );
}
