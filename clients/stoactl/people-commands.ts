import { Option } from 'commander';
import type { Command } from 'commander';
import type { EditOptions, ShowOptions } from './commands/tenants.ts';
import type { InviteOptions, UserListOptions } from './commands/users.ts';
import type { GetOptions } from './commands/get-options.ts';
import { collect, integer, listing, needs, printedAs, tableOrJson } from './program-parts.ts';
import type { Does, Global } from './program-parts.ts';
import type { Terminal } from './terminal.ts';

export function tenantCommands(program: Command, terminal: Terminal, global: Global, does: Does): void {
  const commands = () => import('./commands/tenants.ts');
  const tenants = program
    .command('tenants')
    .description('make, limit, suspend and delete tenants; needs the role owner in the tenant of the platform');
  const limited = (command: Command): Command =>
    command.option('--limit <limit=count>', 'how much it may have, such as apis=100, or apis=none; may be repeated', collect);
  tenants
    .command('list')
    .description('list all tenants')
    .addOption(printedAs())
    .action(does(async (options: ShowOptions) => (await commands()).listTenants(terminal, { ...global(), ...options })));
  tenants
    .command('get <name>')
    .description('show one, with its limits')
    .addOption(printedAs())
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

export function peopleCommands(program: Command, terminal: Terminal, global: Global, does: Does): void {
  const commands = () => import('./commands/users.ts');
  const users = program.command('users').description('look after the people of the tenant; needs the role owner or admin');
  users
    .command('list')
    .description('list the people, and what they are')
    .addOption(printedAs())
    .option('--all', 'all of them, page after page')
    .option('--limit <count>', 'how many at most, up to 500; 100 by default', integer(1, 500))
    .action(does(async (options: UserListOptions) => (await commands()).listUsers(terminal, { ...global(), ...options })));
  users
    .command('get <name>')
    .description('show one, by the address or the id')
    .addOption(printedAs())
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
    .command('reset-link <name>')
    .description('print a link by which somebody who lost password or authenticator sets both anew, once, within an hour')
    .addOption(tableOrJson())
    .addHelpText('after', needs('listUsers', 'createResetLink'))
    .action(
      does(async (name: string, options: { output: string }) => (await commands()).linkToNewPassword(terminal, name, { ...global(), ...options })),
    );
  const invitations = users.command('invitations').description('look after the links by which people may join still');
  listing(invitations.command('list').description('list them, without the links'))
    .addHelpText('after', needs('listInvitations'))
    .action(does(async (options: GetOptions) => (await commands()).listInvitations(terminal, { ...global(), ...options })));
  invitations
    .command('revoke <invitation>')
    .description('let nobody join by it: by the address, the id, or the first characters that list shows')
    .addHelpText('after', needs('listInvitations', 'revokeInvitation'))
    .action(does(async (name: string) => (await import('./commands/delete.ts')).deleteOne(terminal, 'invitation', name, global())));
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

const roleOption = (description: string) => new Option('--role <role>', description).argParser(collect);
