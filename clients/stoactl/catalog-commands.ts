import { Option } from 'commander';
import type { Command } from 'commander';
import type { ImportOptions } from './commands/import-api.ts';
import type { LintOptions } from './commands/lint-api.ts';
import type { McpDecideOptions, PendingOptions } from './commands/mcp.ts';
import type { TestOptions } from './commands/test-api.ts';
import type { ToolCallOptions, ToolListOptions } from './commands/tools.ts';
import { collect, needs, printedAs, tableOrJson } from './program-parts.ts';
import type { Does, Global } from './program-parts.ts';
import type { Terminal } from './terminal.ts';

/** How a consumer is spoken for: its key is never an argument. */
const asConsumer = (command: Command): Command =>
  command
    .option('--key-file <file>', "a file or pipe with the consumer's key, or - for stdin; STOA_CONSUMER_KEY when absent")
    .option('--ca-file <file>', 'certificate authorities in PEM to trust besides the usual ones');

/** APIs and their tools. */
export function catalogCommands(program: Command, terminal: Terminal, global: Global, does: Does): void {
  const api = program.command('api').description('define APIs from their documents, and try them');
  api
    .command('import <place>')
    .description('define an API from an OpenAPI document, a file, a URL or - for stdin, and show its tools, what they cost a model, and what is lost')
    .option('--name <name>', 'what it is called; from the title of the document when absent')
    .addOption(new Option('--replace <name>', 'make the document a new revision of this API').conflicts('name'))
    .option('--upstream-url <url>', 'where the API is served, when not at the first server of its document')
    .option('--label <key=value>', 'a label; may be repeated', collect)
    .option('--team <name>', 'whose it is; needed where one may define those of a team alone')
    .option('--open', 'let every consumer call it without a subscription')
    .option('--dry-run', 'show what would come of it, and save nothing')
    .addOption(tableOrJson())
    .addHelpText('after', needs('createApi', 'updateApi'))
    .action(
      does(async (place: string, options: ImportOptions) =>
        (await import('./commands/import-api.ts')).importApi(terminal, place, { ...global(), ...options }),
      ),
    );
  api
    .command('lint <document-or-name>')
    .description('say what a model would stumble over in the tools of an API, or of a document: a file, a URL or -; exit code 1 where one is no good')
    .option('--budget <tokens>', 'how many tokens all tools should take at most; more is a warning')
    .option('--strict', 'end with 1 where there is a warning')
    .addOption(printedAs(['text', 'json']))
    .addHelpText('after', needs('listApis', 'getApi', 'createApi'))
    .action(
      does(async (word: string, options: LintOptions) =>
        (await import('./commands/lint-api.ts')).lintApi(terminal, word, { ...global(), ...options }),
      ),
    );
  asConsumer(
    api
      .command('test <name>')
      .description('call a deployed API through a Gateway as a consumer does, and say what each step gave; exit code 1 when one failed'),
  )
    .option('--tool <name>', 'the tool to call; when absent, one that only reads and needs no argument')
    .option('--args <json>', 'its arguments as JSON, @FILE or - for stdin')
    .option('--consumer <name>', 'look whether this consumer, whose key it is, is subscribed')
    .option('--gateway <url>', 'the Gateway or Link; when absent, one that is online')
    .option('--environment <name>', 'choose among those of this environment')
    .addOption(tableOrJson())
    .addHelpText('after', needs('listApis', 'getApi', 'listGateways'))
    .action(
      does(async (name: string, options: TestOptions) =>
        (await import('./commands/test-api.ts')).testApi(terminal, name, { ...global(), ...options }),
      ),
    );
  toolCommands(program, terminal, global, does);
  mcpCommands(program, terminal, global, does);
}

function mcpCommands(program: Command, terminal: Terminal, global: Global, does: Does): void {
  const mcp = program.command('mcp').description('decide on what MCP servers offer');
  const commands = () => import('./commands/mcp.ts');
  mcp
    .command('pending <name>')
    .description('show what an MCP server offers and nobody decided on, and what it would change')
    .addOption(new Option('--state <state>', 'what is in another state').choices(['pending', 'approved', 'rejected']).default('pending'))
    .addOption(printedAs(['text', 'json']))
    .addHelpText('after', needs('listMcpServers', 'listMcpDefinitions'))
    .action(does(async (name: string, options: PendingOptions) => (await commands()).listPending(terminal, name, { ...global(), ...options })));
  mcp
    .command('approved <name>')
    .description('show what of an MCP server is served: each definition as it was approved')
    .addOption(printedAs(['text', 'json']))
    .addHelpText('after', needs('listMcpServers', 'listMcpDefinitions'))
    .action(
      does(async (name: string, options: { output: string }) =>
        (await commands()).listPending(terminal, name, { ...global(), ...options, state: 'approved' }),
      ),
    );
  for (const verdict of ['approve', 'reject'] as const)
    mcp
      .command(`${verdict} <name> [definitions...]`)
      .description(verdict === 'approve' ? 'have it served exactly as it was seen' : 'refuse it; what is approved under the name goes on')
      .option('--all <hash>', 'all that is pending, by the hash that `mcp pending` prints')
      .addHelpText('after', needs('listMcpServers', verdict === 'approve' ? 'approveMcpDefinitions' : 'rejectMcpDefinitions'))
      .action(
        does(async (name: string, definitions: string[], options: McpDecideOptions) =>
          (await commands()).decideOnMcp(terminal, verdict, name, definitions, { ...global(), ...options }),
        ),
      );
}

function toolCommands(program: Command, terminal: Terminal, global: Global, does: Does): void {
  const tools = program.command('tools').description('look at the tools that APIs give, and call them');
  const commands = () => import('./commands/tools.ts');
  asConsumer(
    tools.command('list').description('list the tools of the tenant and where they are served; with --gateway, those that a consumer is shown there'),
  )
    .addOption(new Option('--api <name>', 'only those of this API').conflicts('gateway'))
    .option('--gateway <url>', 'ask a Gateway or Link over MCP, and not the Control Plane')
    .addOption(printedAs())
    .option('--no-headers', 'a table or CSV without its first line')
    .addHelpText('after', needs('listApis', 'getApi', 'listDeployments'))
    .action(does(async (options: ToolListOptions) => (await commands()).listTools(terminal, { ...global(), ...options })));
  asConsumer(tools.command('call <name>').description('call a tool over MCP as a consumer; exit code 1 when the tool says that it failed'))
    .requiredOption('--gateway <url>', 'the Gateway or Link that serves it')
    .option('--args <json>', 'its arguments as JSON, @FILE or - for stdin')
    .addOption(printedAs(['text', 'json']))
    .action(does(async (name: string, options: ToolCallOptions) => (await commands()).callTool(terminal, name, options)));
}
