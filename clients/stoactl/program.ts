import { Argument, Command, Option } from 'commander';
import { version } from '@stoa/lib/version.ts';
import { accessCommands } from './access-commands.ts';
import { catalogCommands } from './catalog-commands.ts';
import { credentialCommands } from './credential-commands.ts';
import type { ChooseOptions } from './commands/choose.ts';
import type { DeployOptions } from './commands/deploy.ts';
import type { DoctorOptions } from './commands/doctor.ts';
import type { EnrollOptions } from './commands/enroll.ts';
import type { EventsOptions } from './commands/events.ts';
import type { GetOptions } from './commands/get-options.ts';
import type { ExplainOptions } from './commands/explain.ts';
import type { PromoteOptions } from './commands/promote.ts';
import type { Shell } from './completion/scripts.ts';
import type { ManifestOptions } from './commands/manifests.ts';
import { amongst, collect, integer, modes, needs, printedAs, selector, tableOrJson } from './program-parts.ts';
import type { Does, Global } from './program-parts.ts';
import { peopleCommands, tenantCommands } from './people-commands.ts';
import { approvalCommands, auditCommands, environmentCommands, usageCommand } from './oversight-commands.ts';
import { contextCommands, signInCommands } from './session-commands.ts';
import { RefusedInput } from './exit-codes.ts';
import type { GlobalOptions } from './session.ts';
import type { Terminal } from './terminal.ts';

const exitCodesHelp = `
Exit codes: 0 done, 1 failed or different, 2 usage, 3 not signed in, 4 forbidden, 5 not found, 6 conflict, 7 unreachable.
Environment: STOACTL_CONFIG (file of the contexts), STOA_CONTEXT, STOA_TOKEN, STOACTL_KEYRING=off, STOA_KEYRING_PASSPHRASE, STOA_COMPLETION_TIMEOUT_MS, NO_COLOR.`;

/**
 * The whole tree of commands. A command's code is imported when it is run: `--help` reads this file and nothing of the network.
 */
export function createProgram(terminal: Terminal, finish: (code: number) => void): Command {
  const program = new Command('stoactl');
  const global = (): GlobalOptions => program.opts<GlobalOptions>();
  const does =
    <Arguments extends unknown[]>(work: (...given: Arguments) => Promise<number | void>) =>
    async (...given: Arguments): Promise<void> => {
      const code = await work(...given).catch(async (error: unknown) => {
        // Commander gives the command last.
        const command = given.at(-1);
        if (!(error instanceof RefusedInput) || !(command instanceof Command)) throw error;
        throw (await import('./flag-faults.ts')).asUsage(error, command) ?? error;
      });
      if (typeof code === 'number') finish(code);
    };
  program
    .description('Works with a STOA Control Plane: APIs, policies, consumers, deployments, gateways.')
    .option('--context <name>', 'the context to use in place of the current one')
    .version(`stoactl ${version}`, '-V, --version', 'tell the version')
    .helpCommand('help [command]', 'explain a command')
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) })
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(stoactl COMMAND --help explains it)')
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText('after', exitCodesHelp);

  signInCommands(program, terminal, global, does);
  contextCommands(program, terminal, global, does);
  readingCommands(program, terminal, global, does);
  manifestCommands(program, terminal, global, does);
  deploymentCommands(program, terminal, global, does);
  auditCommands(program, terminal, global, does);
  approvalCommands(program, terminal, global, does);
  environmentCommands(program, terminal, global, does);
  usageCommand(program, terminal, global, does);
  tenantCommands(program, terminal, global, does);
  catalogCommands(program, terminal, global, does);
  accessCommands(program, consumerCommands(program, terminal, global, does), terminal, global, does);
  program
    .command('choose')
    .description('tell which product fits: Gateway, Link or Connect; needs no server')
    .addOption(new Option('--kubernetes <answer>', 'whether there is a cluster').choices(['yes', 'no']))
    .addOption(new Option('--replace-gateway <answer>', 'whether a full MCP gateway takes the place of the one that is there').choices(['yes', 'no']))
    .addOption(new Option('--enforcement <answer>', 'what is enforced beside the gateway that stays').choices(['full', 'sync', 'none']))
    .addOption(tableOrJson())
    .action(does(async (options: ChooseOptions) => (await import('./commands/choose.ts')).choose(terminal, options)));
  program
    .command('conform')
    .argument('[arguments...]', 'control-plane --url URL …, or gateway|link|connect --listen HOST:PORT …')
    .description('hold any Control Plane or runtime against the registration contract; "stoactl conform --help" tells how')
    .allowUnknownOption()
    .helpOption(false)
    .action(does(async (given: string[]) => (await import('./commands/conform.ts')).conform(terminal, given)));
  machineCommands(program, terminal, global, does);
  peopleCommands(program, terminal, global, does);
  credentialCommands(program, terminal, global, does);
  helpCommands(program, terminal, does);
  program
    .command('version')
    .description('tell the version, and that of the server when there is a context')
    .action(does(async () => (await import('./commands/version.ts')).tellVersion(terminal, global())));
  return program;
}

function readingCommands(program: Command, terminal: Terminal, global: Global, does: Does): void {
  program
    .command('get <kind> [name]')
    .description('list a kind, or show one of it')
    .addOption(printedAs())
    .addOption(selector())
    .option('--all', 'all of them, page after page')
    .option('--limit <count>', 'how many at most, up to 500; 100 by default', integer(1, 500))
    .option('-w, --watch', 'go on to show what changes')
    .option('--interval <seconds>', 'between two looks of --watch', integer(1, 3600))
    .option('--no-headers', 'a table or CSV without its first line')
    .action(
      does(async (kind: string, name: string | undefined, options: GetOptions) =>
        (await import('./commands/get.ts')).get(terminal, kind, name, { ...global(), ...options }),
      ),
    );
  program
    .command('describe <kind> [name]')
    .description('tell all about one')
    .action(
      does(async (kind: string, name: string | undefined) => (await import('./commands/describe.ts')).describeOne(terminal, kind, name, global())),
    );
  program
    .command('delete <kind> [name]')
    .description('delete one; a gateway is decommissioned, a key or a token is revoked')
    .action(does(async (kind: string, name: string | undefined) => (await import('./commands/delete.ts')).deleteOne(terminal, kind, name, global())));
  program
    .command('events')
    .description('follow the fleet: which gateway came, fell silent, left')
    .addOption(tableOrJson())
    .option('--for <seconds>', 'end after that', integer(1, 86_400))
    .action(does(async (options: EventsOptions) => (await import('./commands/events.ts')).events(terminal, { ...global(), ...options })));
}

function deploymentCommands(program: Command, terminal: Terminal, global: Global, does: Does): void {
  program
    .command('deploy <api>')
    .description('deploy an API, by name or id; with --dry-run, tell what each gateway would do, and end with 1 where one could not')
    .option('--environment <name>', 'on the gateways of this environment; may be repeated', collect)
    .option('--mode <mode>', 'on those of this mode; may be repeated', amongst(modes))
    .option('--instance <name>', 'on this one; may be repeated', collect)
    .option('--label <key=value>', 'on those with this label; may be repeated', collect)
    .option('--revision <number>', 'pinned to this revision; the newest when absent', integer(1, 2147483647))
    .option('--name <name>', 'what the deployment is called')
    .addOption(new Option('--drift <rule>', 'what Connect does where somebody changes what it made').choices(['repair', 'report']))
    .option('--public-path <prefix>', 'put before its paths on third-party gateways, such as /shop')
    .option('--public-host <host>', 'the host that requests to third-party gateways have to name')
    .option('--keep-path', 'send the public path on to the upstream')
    .option('--update', 'change what is deployed to these targets: what the other options say, and the rest stays')
    .option('--dry-run', 'ask the running gateways what they would write and what they cannot express, and save nothing')
    .addOption(tableOrJson())
    .addHelpText('after', needs('listApis', 'createDeployment', 'listDeployments', 'updateDeployment'))
    .action(
      does(async (api: string, options: DeployOptions) => (await import('./commands/deploy.ts')).deploy(terminal, api, { ...global(), ...options })),
    );
  const deployments = program.command('deployments').description('bring deployments from one environment to the next, and to the newest revision');
  deployments
    .command('unpin <name>')
    .description('follow the newest revision of its API again')
    .addHelpText('after', needs('listDeployments', 'updateDeployment'))
    .action(does(async (name: string) => (await import('./commands/environments.ts')).unpin(terminal, name, global())));
  deployments
    .command('promote <name>')
    .description('deploy the same revision, with its policies, to another environment')
    .requiredOption('--to <environment>', 'where to')
    .option('--name <name>', 'what the deployment there is called')
    .option('--dry-run', 'show what it would change')
    .addOption(tableOrJson())
    .action(
      does(async (name: string, options: PromoteOptions) =>
        (await import('./commands/promote.ts')).promote(terminal, name, { ...global(), ...options }),
      ),
    );
}

function consumerCommands(program: Command, terminal: Terminal, global: Global, does: Does): Command {
  const consumers = program.command('consumers').description('look after consumers');
  consumers
    .command('erase <name>')
    .description('make a pseudonym of what names a consumer, in the audit too, and revoke its keys')
    .option('--yes', 'do not ask before')
    .addHelpText('after', needs('eraseConsumer'))
    .action(
      does(async (name: string, options: { yes?: boolean }) =>
        (await import('./commands/erase-consumer.ts')).eraseConsumer(terminal, name, { ...global(), ...options }),
      ),
    );
  return consumers;
}

function helpCommands(program: Command, terminal: Terminal, does: Does): void {
  program
    .command('explain <field>')
    .description('tell what a kind is, or one of its fields: KIND[.FIELD[.FIELD]]; needs no server')
    .option('--recursive', 'with all that it holds')
    .addOption(tableOrJson())
    .action(does(async (field: string, options: ExplainOptions) => (await import('./commands/explain.ts')).explain(terminal, field, options)));
  program
    .command('completion')
    .description('print what makes a shell complete commands, options and names')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .action(does(async (shell: Shell) => terminal.out((await import('./completion/scripts.ts')).scripts[shell])));
  program
    .command('__complete [words...]', { hidden: true })
    .action(does(async (words: string[]) => (await import('./commands/complete.ts')).complete(terminal, program, words)));
}

function manifestCommands(program: Command, terminal: Terminal, global: Global, does: Does): void {
  const commands = () => import('./commands/manifests.ts');
  const reading = (name: string, description: string): Command =>
    program
      .command(name)
      .description(description)
      .requiredOption('-f, --filename <place>', 'a file, a folder, or - for stdin; may be repeated', collect);
  const pruning = (command: Command): Command =>
    command
      .option('--prune', 'delete what has the labels of -l and is in no manifest any more')
      .addOption(selector('the labels for --prune'))
      .option('--key-dir <folder>', 'where the secrets of new gateway keys are written');
  pruning(reading('apply', 'make the platform what manifests say'))
    .addOption(new Option('--dry-run <where>', 'show what would be done').choices(['server']))
    .option('--yes', 'do not ask before anything is deleted')
    .action(does(async (options: ManifestOptions) => (await commands()).apply(terminal, { ...global(), ...options })));
  pruning(reading('diff', 'show what apply would change; exit code 1 when there is anything')).action(
    does(async (options: ManifestOptions) => (await commands()).diff(terminal, { ...global(), ...options })),
  );
  reading('validate', 'judge manifests by their schema, without a server').action(
    does(async (options: ManifestOptions) => (await commands()).validate(terminal, options)),
  );
  program
    .command('export [kinds...]')
    .description('print the manifests of what is there; secrets are references')
    .addOption(selector())
    .action(
      does(async (kinds: string[], options: { selector?: string[] }) => (await commands()).exportAll(terminal, kinds, { ...global(), ...options })),
    );
}

function machineCommands(program: Command, terminal: Terminal, global: Global, does: Does): void {
  program
    .command('enroll')
    .description('make this machine ready to run a Connect: its key, and its configuration')
    .requiredOption('--target-url <url>', "the third-party gateway's admin API")
    .requiredOption('--environment <name>', 'the environment that the gateway belongs to')
    .option('--target <type>', 'what the third-party gateway is', 'kong')
    .option('--target-token-file <file>', 'a file with the credential of the admin API; it is not copied')
    .option('--target-token-header <name>', 'the header that carries it')
    .option('--target-cert-file <file>', 'a certificate in PEM that is shown to the admin API, with --target-key-file')
    .option('--target-key-file <file>', 'its private key in PEM; neither is copied')
    .option('--ca-file <file>', "authorities to trust for server and gateway, in place of the context's")
    .option('--name <name>', 'of the instance; the name of this machine when absent')
    .option('--label <key=value>', 'a label that deployments can choose it by; may be repeated', collect)
    .option('--team <name>', 'whose the gateway is; needed where one may mint keys for a team alone')
    .option('--set <key=value>', 'a setting of this kind of gateway, such as caddy_server=srv0; may be repeated', collect)
    .option('--dir <folder>', 'where key, configuration and state are kept', 'stoa-connect')
    .option('--force', 'replace files that are there')
    .action(does(async (options: EnrollOptions) => (await import('./commands/enroll.ts')).enroll(terminal, { ...global(), ...options })));
  program
    .command('doctor')
    .description('look for what is wrong, and say what to do about it; exit code 1 when something is')
    .option('--connect-config <file>', 'the configuration of a Connect on this machine, to look at as well')
    .addOption(tableOrJson())
    .action(does(async (options: DoctorOptions) => (await import('./commands/doctor.ts')).doctor(terminal, { ...global(), ...options })));
}
