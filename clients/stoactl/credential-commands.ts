import { Option } from 'commander';
import type { Command } from 'commander';
import { minting, rotating } from './access-commands.ts';
import type { GetOptions } from './commands/get-options.ts';
import type { CreateAccountOptions, EditAccountOptions, RotateAccountOptions } from './commands/service-accounts.ts';
import type { CreateTokenOptions } from './commands/tokens.ts';
import { collect, listing, needs } from './program-parts.ts';
import type { Does, Global } from './program-parts.ts';
import type { Terminal } from './terminal.ts';

/** What programs sign in with: tokens of whoever is signed in, and machines of their own. */
export function credentialCommands(program: Command, terminal: Terminal, global: Global, does: Does): void {
  tokenCommands(program, terminal, global, does);
  accountCommands(program, terminal, global, does);
}

const scoped = (command: Command): Command =>
  command.option('--scope <permission>', 'only this permission, such as apis.read; may be repeated. All when absent', collect);

function tokenCommands(program: Command, terminal: Terminal, global: Global, does: Does): void {
  const commands = () => import('./commands/tokens.ts');
  const tokens = program.command('tokens').description('look after your own personal access tokens; needs a sign-in as a person');
  listing(tokens.command('list').description('list them, without their secrets')).action(
    does(async (options: GetOptions) => (await commands()).listTokens(terminal, { ...global(), ...options })),
  );
  scoped(
    minting(tokens.command('create <name>').description('make one, good for 90 days unless told otherwise; its secret is shown this once')),
  ).action(does(async (name: string, options: CreateTokenOptions) => (await commands()).createToken(terminal, name, { ...global(), ...options })));
  tokens
    .command('revoke <personal-token>')
    .description('end one at once: by name, id, or the first characters that list shows')
    .action(does(async (token: string) => (await commands()).revokeToken(terminal, token, global())));
}

function accountCommands(program: Command, terminal: Terminal, global: Global, does: Does): void {
  const commands = () => import('./commands/service-accounts.ts');
  const accounts = program.command('service-accounts').description('look after the machines that sign in at the embedded issuer');
  listing(accounts.command('list').description('list them, without their secrets'))
    .addHelpText('after', needs('listServiceAccounts'))
    .action(does(async (options: GetOptions) => (await commands()).listAccounts(terminal, { ...global(), ...options })));
  scoped(minting(accounts.command('create <name>').description('make one; its secret is shown this once')))
    .addOption(new Option('--role <role>', 'what it may do; may be repeated').argParser(collect).makeOptionMandatory())
    .option('--description <text>', 'what it is for')
    .option('--exchange-resource <url>', 'for which resource it may exchange the tokens of callers; may be repeated', collect)
    .option('--public-key <file>', 'a public key, PEM or JWK, by which it signs in and has no secret; may be repeated', collect)
    .addHelpText('after', needs('createServiceAccount'))
    .action(
      does(async (name: string, options: CreateAccountOptions) => (await commands()).createAccount(terminal, name, { ...global(), ...options })),
    );
  accounts
    .command('edit <name>')
    .description('give it these public keys in place of those before, or of its secret')
    .addOption(new Option('--public-key <file>', 'a public key, PEM or JWK; may be repeated').argParser(collect).makeOptionMandatory())
    .addHelpText('after', needs('listServiceAccounts', 'editServiceAccount'))
    .action(does(async (name: string, options: EditAccountOptions) => (await commands()).editAccount(terminal, name, { ...global(), ...options })));
  rotating(accounts.command('rotate <name>').description('give it another secret, and let the one before end'), { expires: false })
    .addHelpText('after', needs('listServiceAccounts', 'rotateServiceAccount'))
    .action(
      does(async (name: string, options: RotateAccountOptions) => (await commands()).rotateAccount(terminal, name, { ...global(), ...options })),
    );
  accounts
    .command('delete <name>')
    .description('delete one: its secret and its tokens are refused at once')
    .addHelpText('after', needs('listServiceAccounts', 'deleteServiceAccount'))
    .action(does(async (name: string) => (await commands()).deleteAccount(terminal, name, global())));
}
