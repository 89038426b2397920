import { Option } from 'commander';
import type { Command } from 'commander';
import type { LoginOptions } from './commands/login.ts';
import { printedAs, tableOrJson } from './program-parts.ts';
import type { Does, Global } from './program-parts.ts';
import type { Terminal } from './terminal.ts';

export function signInCommands(program: Command, terminal: Terminal, global: Global, does: Does): void {
  program
    .command('login')
    .description('sign in to the context, by a browser on this machine')
    .addOption(new Option('--device', 'by a code that is typed into a browser on another machine').conflicts('withToken'))
    .option('--no-browser', 'print the address, and open no browser')
    .option('--tenant <name>', 'the tenant to work in, for who belongs to several')
    .addOption(new Option('--with-token', 'read an access token from stdin').conflicts('tenant'))
    .addOption(new Option('--client-id <id>', 'sign in as this service account, for machines').conflicts(['withToken', 'device', 'tenant']))
    .option('--client-secret-file <file>', 'a file or pipe that holds the secret of the service account, or - for stdin')
    .addOption(
      new Option(
        '--private-key-file <file>',
        'the private key of the service account in PEM, which stays where it is and is read at each renewal',
      ).conflicts(['clientSecretFile', 'withToken', 'device', 'tenant']),
    )
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

export function contextCommands(program: Command, terminal: Terminal, global: Global, does: Does): void {
  const context = program.command('context').description('choose among Control Planes');
  const commands = () => import('./commands/context.ts');
  context
    .command('list')
    .description('list the contexts; the current one has a *')
    .addOption(printedAs(['table', 'json', 'name']))
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
