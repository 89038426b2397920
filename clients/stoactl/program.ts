import { Argument, Command, Option } from 'commander';
import { version } from '@stoa/lib/version.ts';
import { accessCommands } from './access-commands.ts';
import { catalogCommands } from './catalog-commands.ts';
import type { AuditExportOptions, AuditListOptions, AuditVerifyOptions } from './commands/audit-options.ts';
import type { DecideOptions, ListOptions } from './commands/approvals.ts';
import type { ChooseOptions } from './commands/choose.ts';
import type { DoctorOptions } from './commands/doctor.ts';
import type { EnrollOptions } from './commands/enroll.ts';
import type { EventsOptions } from './commands/events.ts';
import type { GetOptions } from './commands/get-options.ts';
import type { LoginOptions } from './commands/login.ts';
import type { ExplainOptions } from './commands/explain.ts';
import type { PromoteOptions } from './commands/promote.ts';
import type { InviteOptions, UserListOptions } from './commands/users.ts';
import type { Shell } from './completion/scripts.ts';
import type { ManifestOptions } from './commands/manifests.ts';
import type { EditOptions, ShowOptions } from './commands/tenants.ts';
import { formats } from './output/format-names.ts';
import { collect, integer, needs, tableOrJson } from './program-parts.ts';
import type { Does, Global } from './program-parts.ts';
import type { GlobalOptions } from './session.ts';
import type { Terminal } from './terminal.ts';

const exitCodesHelp = `
Exit codes: 0 done, 1 failed or different, 2 usage, 3 not signed in, 4 forbidden, 5 not found, 6 conflict, 7 unreachable.
Environment: STOA_CONFIG (file of the contexts), STOA_CONTEXT, STOA_TOKEN, STOA_KEYRING=off, STOA_KEYRING_PASSPHRASE, STOA_COMPLETION_TIMEOUT_MS, NO_COLOR.`;

/**
 * The whole tree of commands. A command's code is imported when it is run: `--help` reads this file and nothing of the network.
 */
export function createProgram(terminal: Terminal, finish: (code: number) => void): Command {
  const program = new Command('stoactl');
  const global = (): GlobalOptions => program.opts<GlobalOptions>();
  const does =
    <Arguments extends unknown[]>(work: (...given: Arguments) => Promise<number | void>) =>
    async (...given: Arguments): Promise<void> => {
      const code = await work(...given);
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
  machineCommands(program, terminal, global, does);
  peopleCommands(program, terminal, global, does);
  helpCommands(program, terminal, does);
  program
    .command('version')
    .description('tell the version, and that of the server when there is a context')
    .action(does(async () => (await import('./commands/version.ts')).tellVersion(terminal, global())));
  return program;
}

function signInCommands(program: Command, terminal: Terminal, global: Global, does: Does): void {
  program
    .command('login')
    .description('sign in to the context, by a browser on this machine')
    .addOption(new Option('--device', 'by a code that is typed into a browser on another machine').conflicts('withToken'))
    .option('--no-browser', 'print the address, and open no browser')
    .option('--tenant <name>', 'the tenant to work in, for who belongs to several')
    .addOption(new Option('--with-token', 'read an access token from stdin').conflicts('tenant'))
    .addOption(new Option('--client-id <id>', 'sign in as this service account, for machines').conflicts(['withToken', 'device', 'tenant']))
    .option('--client-secret-file <file>', 'a file or pipe that holds the secret of the service account, or - for stdin')
    .action(does(async (options: LoginOptions) => (await import('./commands/login.ts')).login(terminal, { ...global(), ...options })));
  program
    .command('logout')
    .description('revoke and remove the sign-in of the context')
    .action(does(async () => (await import('./commands/sign-in.ts')).logout(terminal, global())));
  program
    .command('whoami')
    .description('tell who is signed in, and where')
    .addOption(tableOrJson())
    .action(does(async (options: { output: string }) => (await import('./commands/sign-in.ts')).whoami(terminal, { ...global(), ...options })));
  program
    .command('auth')
    .description('look after sign-ins')
    .command('status')
    .description('tell of each context where its token is kept and whether it is good')
    .addOption(tableOrJson())
    .action(does(async (options: { output: string }) => (await import('./commands/sign-in.ts')).authStatus(terminal, { ...global(), ...options })));
}

function contextCommands(program: Command, terminal: Terminal, global: Global, does: Does): void {
  const context = program.command('context').description('choose among Control Planes');
  const commands = () => import('./commands/context.ts');
  context
    .command('list')
    .description('list the contexts; the current one has a *')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['table', 'json', 'name']).default('table'))
    .action(does(async (options: { output: string }) => (await commands()).listContexts(terminal, options)));
  context
    .command('use <name>')
    .description('make a context the current one')
    .action(does(async (name: string) => (await commands()).useContext(terminal, name)));
  context
    .command('set <name>')
    .description('make or change a context, which becomes the current one')
    .option('--server <url>', 'where the Control Plane is')
    .option('--token-file <file>', 'a file or pipe that holds an access token, or - for stdin; read once and kept')
    .option('--ca-file <file>', 'certificate authorities in PEM to trust besides the usual ones')
    .action(does(async (name: string, options: { server?: string; tokenFile?: string }) => (await commands()).setContext(terminal, name, options)));
  context
    .command('tenant <name>')
    .description('work in another tenant, without signing in again; the sign-in of the one before ends')
    .action(does(async (name: string) => (await import('./commands/switch-tenant.ts')).switchTenant(terminal, global(), name)));
  context
    .command('rename <from> <to>')
    .description('call a context something else')
    .action(does(async (from: string, to: string) => (await commands()).renameContext(terminal, from, to)));
  context
    .command('delete <name>')
    .description('remove a context and its token')
    .action(does(async (name: string) => (await commands()).deleteContext(terminal, name)));
}

function readingCommands(program: Command, terminal: Terminal, global: Global, does: Does): void {
  program
    .command('get <kind> [name]')
    .description('list a kind, or show one of it')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(formats).default('table'))
    .option('-l, --selector <labels>', 'only with these labels: KEY=VALUE, several by commas', collect)
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
    .command('deployments')
    .description('bring deployments from one environment to the next')
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

function auditCommands(program: Command, terminal: Terminal, global: Global, does: Does): void {
  const audit = program.command('audit').description('read who did what; needs the role owner or auditor');
  const commands = () => import('./commands/audit.ts');
  audit
    .command('list')
    .description('list what was done, the newest first')
    .addOption(new Option('--kind <kind>', 'only this kind').choices(['change', 'sign-in', 'refusal', 'key-use', 'export']))
    .option('--action <operation>', 'only this operation, such as deleteApi')
    .option('--actor <who>', 'only what this person, token or key did: an id or a name')
    .option('--object <what>', 'only what was done to this: an id, a name, or a kind such as api')
    .addOption(new Option('--outcome <outcome>', 'only with this outcome').choices(['done', 'refused', 'failed']))
    .option('--since <time>', 'from then on: 2026-11-30, or 2026-11-30T09:00:00Z')
    .option('--until <time>', 'before then')
    .option('--limit <count>', 'how many at most, up to 500; 100 by default', integer(1, 500))
    .option('--all', 'all of them, page after page')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['table', 'json', 'jsonl']).default('table'))
    .action(does(async (options: AuditListOptions) => (await commands()).listAudit(terminal, { ...global(), ...options })));
  audit
    .command('verify')
    .description('tell whether a record was removed, changed or moved; exit code 1 when one was')
    .option('--file <file>', 'verify an export, or the file of a sink, without the server')
    .option('--key <key>', 'with --file: trust this public key of checkpoints, or that of @FILE; may be repeated', collect)
    .addOption(tableOrJson())
    .action(
      does(async (options: AuditVerifyOptions) => (await import('./commands/verify-audit.ts')).verifyAudit(terminal, { ...global(), ...options })),
    );
  audit
    .command('export')
    .description('print the whole audit as JSON Lines, with the checkpoints that verify it')
    .option('--to <file>', 'write it to a file')
    .action(does(async (options: AuditExportOptions) => (await commands()).exportAudit(terminal, { ...global(), ...options })));
  audit
    .command('keys')
    .description('tell the public keys of checkpoints')
    .addOption(tableOrJson())
    .action(does(async (options: { output: string }) => (await commands()).getAuditKeys(terminal, { ...global(), ...options })));
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

function approvalCommands(program: Command, terminal: Terminal, global: Global, does: Does): void {
  const commands = () => import('./commands/approvals.ts');
  const approvals = program.command('approvals').description('decide on changes that wait for a second person');
  approvals
    .command('list')
    .description('list what waits, and what became of others')
    .addOption(new Option('--state <state>', 'only in this state').choices(['pending', 'approved', 'applied', 'denied', 'expired', 'failed']))
    .option('--environment <name>', 'only for this environment')
    .addOption(tableOrJson())
    .action(does(async (options: ListOptions) => (await commands()).listApprovals(terminal, { ...global(), ...options })));
  for (const decision of ['approve', 'deny'] as const) {
    approvals
      .command(`${decision} <id>`)
      .description(decision === 'approve' ? 'have it done; who asked for it cannot' : 'have it given up; who asked for it cannot')
      .option('--reason <text>', 'why, for who asked')
      .action(does(async (id: string, options: DecideOptions) => (await commands()).decide(terminal, decision, id, { ...global(), ...options })));
  }
}

function tenantCommands(program: Command, terminal: Terminal, global: Global, does: Does): void {
  const commands = () => import('./commands/tenants.ts');
  const tenants = program
    .command('tenants')
    .description('make, limit, suspend and delete tenants; needs the role owner in the tenant of the platform');
  const printed = () => new Option('-o, --output <format>', 'how to print').choices(formats).default('table');
  const limited = (command: Command): Command =>
    command.option('--limit <limit=count>', 'how much it may have, such as apis=100, or apis=none; may be repeated', collect);
  tenants
    .command('list')
    .description('list all tenants')
    .addOption(printed())
    .action(does(async (options: ShowOptions) => (await commands()).listTenants(terminal, { ...global(), ...options })));
  tenants
    .command('get <name>')
    .description('show one, with its limits')
    .addOption(printed())
    .action(does(async (name: string, options: ShowOptions) => (await commands()).getTenant(terminal, name, { ...global(), ...options })));
  limited(tenants.command('create <name>'))
    .description('make a tenant, and print the link by which its first owner joins')
    .addOption(tableOrJson())
    .action(
      does(async (name: string, options: EditOptions & { output: string }) =>
        (await commands()).createTenant(terminal, name, { ...global(), ...options }),
      ),
    );
  limited(tenants.command('edit <name>'))
    .description('rename or limit a tenant')
    .option('--rename <name>', 'what it is called from now on')
    .action(does(async (name: string, options: EditOptions) => (await commands()).editTenant(terminal, name, { ...global(), ...options })));
  tenants
    .command('suspend <name>')
    .description('refuse all its credentials, until it is resumed; its gateways serve what they have')
    .action(does(async (name: string) => (await commands()).suspend(terminal, name, global())));
  tenants
    .command('resume <name>')
    .description('take its credentials again')
    .action(does(async (name: string) => (await commands()).resume(terminal, name, global())));
  tenants
    .command('owner-link <name>')
    .description('print another link for the first owner of a tenant that nobody owns')
    .action(does(async (name: string) => (await commands()).linkOwner(terminal, name, global())));
  tenants
    .command('delete <name>')
    .description('delete a suspended tenant with all that it has')
    .option('--yes', 'do not ask before')
    .action(does(async (name: string, options: { yes?: boolean }) => (await commands()).deleteTenant(terminal, name, { ...global(), ...options })));
}

function peopleCommands(program: Command, terminal: Terminal, global: Global, does: Does): void {
  const commands = () => import('./commands/users.ts');
  const users = program.command('users').description('look after the people of the tenant; needs the role owner or admin');
  users
    .command('list')
    .description('list the people, and what they are')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(formats).default('table'))
    .option('--all', 'all of them, page after page')
    .option('--limit <count>', 'how many at most, up to 500; 100 by default', integer(1, 500))
    .action(does(async (options: UserListOptions) => (await commands()).listUsers(terminal, { ...global(), ...options })));
  users
    .command('get <name>')
    .description('show one, by the address or the id')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(formats).default('table'))
    .action(does(async (name: string, options: UserListOptions) => (await commands()).getUser(terminal, name, { ...global(), ...options })));
  users
    .command('invite [email]')
    .description('print a link by which one person joins, once; anybody who has it where no address is given')
    .addOption(roleOption('what the person will be; may be repeated').makeOptionMandatory())
    .addOption(tableOrJson())
    .action(
      does(async (email: string | undefined, options: InviteOptions) => (await commands()).inviteUser(terminal, email, { ...global(), ...options })),
    );
  users
    .command('edit <name>')
    .description('make somebody something else: these roles take the place of those before')
    .addOption(roleOption('what the person is from now on; may be repeated').makeOptionMandatory())
    .action(
      does(async (name: string, options: { role: string[] }) => (await commands()).editUser(terminal, name, { roles: options.role }, global())),
    );
  for (const [word, state, description] of [
    ['disable', 'disabled', 'keep somebody out: sessions and tokens here end at once'],
    ['enable', 'active', 'let somebody in again'],
  ] as const)
    users
      .command(`${word} <name>`)
      .description(description)
      .action(does(async (name: string) => (await commands()).editUser(terminal, name, { state }, global())));
  users
    .command('remove <name>')
    .description('end the membership; the account stays for other tenants')
    .action(does(async (name: string) => (await import('./commands/delete.ts')).deleteOne(terminal, 'user', name, global())));
  const roles = program.command('roles').description('tell what roles there are, and what each may; needs no server');
  roles
    .command('list')
    .description('list the roles')
    .addOption(tableOrJson())
    .action(does(async (options: { output: string }) => (await import('./commands/roles.ts')).listRoles(terminal, options)));
  roles
    .command('describe <role>')
    .description('tell the permissions of a role, and the operations that each allows')
    .addOption(tableOrJson())
    .action(does(async (role: string, options: { output: string }) => (await import('./commands/roles.ts')).describeRole(terminal, role, options)));
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
      .option('-l, --selector <labels>', 'the labels for --prune: KEY=VALUE, several by commas', collect)
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
    .option('-l, --selector <labels>', 'only with these labels: KEY=VALUE, several by commas', collect)
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
    .option('--ca-file <file>', "authorities to trust for server and gateway, in place of the context's")
    .option('--name <name>', 'of the instance; the name of this machine when absent')
    .option('--label <key=value>', 'a label that deployments can choose it by; may be repeated', collect)
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

const roleOption = (description: string) => new Option('--role <role>', description).argParser(collect);
