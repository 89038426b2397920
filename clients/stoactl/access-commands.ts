import { Option } from 'commander';
import type { Command } from 'commander';
import type { AdoptOptions } from './commands/adopt.ts';
import type { CreateConsumerKeyOptions } from './commands/consumer-keys.ts';
import type { GatewayListOptions } from './commands/gateways.ts';
import type { CreateKeyOptions, RotateOptions } from './commands/keys.ts';
import type { GetOptions } from './commands/get-options.ts';
import { amongst, collect, duration, listing, modes, needs, printedAs, selector, tableOrJson } from './program-parts.ts';
import type { Does, Global } from './program-parts.ts';
import type { Terminal } from './terminal.ts';

/** Where a new secret goes. */
const handingOut = (command: Command): Command =>
  command
    .option('--out <file>', 'write the secret to a file that its owner alone can read, and not to stdout')
    .option('--force', 'replace the file that is there')
    .addOption(tableOrJson());

/** Where the secret of a new key goes, and until when the key is good. */
export const minting = (command: Command): Command =>
  handingOut(
    command
      .addOption(new Option('--expires-in <duration>', 'how long it is good, such as 90d').argParser(duration).conflicts('expiresAt'))
      .option('--expires-at <time>', 'until when it is good: 2027-01-31, or 2027-01-31T09:00:00Z'),
  );

/** The same for what takes the place of another, which may keep its end. */
export const rotating = (command: Command, { expires = true } = {}): Command =>
  (expires ? minting : handingOut)(command).addOption(
    new Option('--overlap <duration>', 'how long what is replaced stays good; 0s ends it at once').argParser(duration).default(86_400, '24h'),
  );

/** Keys of gateways, gateways themselves, and keys of consumers. */
export function accessCommands(program: Command, consumers: Command, terminal: Terminal, global: Global, does: Does): void {
  gatewayKeyCommands(program, terminal, global, does);
  consumerKeyCommands(consumers, terminal, global, does);
  gatewayCommands(program, terminal, global, does);
}

function gatewayKeyCommands(program: Command, terminal: Terminal, global: Global, does: Does): void {
  const keys = program.command('keys').description('look after the keys that gateways register with');
  const commands = () => import('./commands/keys.ts');
  listing(keys.command('list').description('list them, without their secrets'))
    .addHelpText('after', needs('listGatewayKeys'))
    .action(does(async (options: GetOptions) => (await commands()).listKeys(terminal, { ...global(), ...options })));
  minting(keys.command('create <name>').description('mint a key; its secret is shown this once'))
    .option('--environment <name>', 'good in this environment only; may be repeated', collect)
    .option('--mode <mode>', `good for this mode only, ${modes.join(', ')}; may be repeated`, amongst(modes))
    .option('--instance <name>', 'good for the instance of this name only')
    .option('--team <name>', 'whose it is, with the gateways that register with it; needed where one may mint keys for a team alone')
    .addHelpText('after', needs('createGatewayKey'))
    .action(does(async (name: string, options: CreateKeyOptions) => (await commands()).createKey(terminal, name, { ...global(), ...options })));
  keys
    .command('revoke <key>')
    .description('end a key at once: by name, id, or the first characters that list shows')
    .addHelpText('after', needs('listGatewayKeys', 'revokeGatewayKey'))
    .action(does(async (key: string) => (await commands()).revokeKey(terminal, key, global())));
  rotating(keys.command('rotate <key>').description('mint a key that is good for the same, and let the one that it replaces expire'))
    .addHelpText('after', needs('listGatewayKeys', 'rotateGatewayKey'))
    .action(does(async (key: string, options: RotateOptions) => (await commands()).rotateKey(terminal, key, { ...global(), ...options })));
}

function consumerKeyCommands(consumers: Command, terminal: Terminal, global: Global, does: Does): void {
  const keys = consumers.command('keys').description('look after the keys that consumers call with');
  const commands = () => import('./commands/consumer-keys.ts');
  listing(keys.command('list <consumer>').description('list the keys of a consumer, without their secrets'))
    .addHelpText('after', needs('listConsumers', 'listConsumerKeys'))
    .action(does(async (name: string, options: GetOptions) => (await commands()).listKeys(terminal, name, { ...global(), ...options })));
  minting(keys.command('create <consumer>').description('mint a key for a consumer; its secret is shown this once'))
    .addHelpText('after', needs('listConsumers', 'createConsumerKey'))
    .action(
      does(async (name: string, options: CreateConsumerKeyOptions) => (await commands()).createKey(terminal, name, { ...global(), ...options })),
    );
  keys
    .command('revoke <consumer> [key]')
    .description('end a key at once: by id, or the first characters that list shows; the only good one where none is named')
    .addHelpText('after', needs('listConsumers', 'listConsumerKeys', 'revokeConsumerKey'))
    .action(does(async (name: string, key: string | undefined) => (await commands()).revokeKey(terminal, name, key, global())));
  rotating(keys.command('rotate <consumer> [key]').description('mint another key, and let the one that it replaces expire'))
    .addHelpText('after', needs('listConsumers', 'listConsumerKeys', 'rotateConsumerKey'))
    .action(
      does(async (name: string, key: string | undefined, options: RotateOptions) =>
        (await commands()).rotateKey(terminal, name, key, { ...global(), ...options }),
      ),
    );
}

function gatewayCommands(program: Command, terminal: Terminal, global: Global, does: Does): void {
  const gateways = program.command('gateways').description('look after the fleet');
  const commands = () => import('./commands/gateways.ts');
  listing(gateways.command('list').description('list the instances'))
    .option('--environment <name>', 'only of this environment')
    .addOption(new Option('--mode <mode>', 'only of this mode').choices(modes))
    .addOption(new Option('--liveness <liveness>', 'only those that are so').choices(['online', 'late', 'offline', 'left', 'revoked', 'conflict']))
    .addOption(selector())
    .addHelpText('after', needs('listGateways'))
    .action(does(async (options: GatewayListOptions) => (await commands()).listGateways(terminal, { ...global(), ...options })));
  gateways
    .command('get <name>')
    .description('show one, by name or id')
    .addOption(printedAs())
    .addHelpText('after', needs('listGateways', 'getGateway'))
    .action(
      does(async (name: string, options: GetOptions) =>
        (await import('./commands/get.ts')).get(terminal, 'gateway', name, { ...global(), ...options }),
      ),
    );
  gateways
    .command('drift <name>')
    .description('tell what differed on a gateway from what was applied to it, who wins, and when it was repaired, by name or id; the last 100')
    .addOption(tableOrJson())
    .addHelpText('after', needs('listGateways', 'getGatewayDrift'))
    .action(does(async (name: string, options: { output: string }) => (await commands()).gatewayDrift(terminal, name, { ...global(), ...options })));
  gateways
    .command('adopt <name> [service]')
    .description('take a service of the gateway beside a Connect under management, as it is; without one, list those that are not managed')
    .option('--as <name>', 'what the API is called; from the name of the service when absent')
    .option('--dry-run', 'show what would be written and what stays as it is, and save nothing')
    .option('--yes', 'do not ask before')
    .addOption(tableOrJson())
    .addHelpText('after', needs('listGateways', 'getGateway', 'adoptService'))
    .action(
      does(async (name: string, service: string | undefined, options: AdoptOptions) =>
        (await import('./commands/adopt.ts')).adopt(terminal, name, service, { ...global(), ...options }),
      ),
    );
  gateways
    .command('decommission <name>')
    .description('have an instance refused everywhere, by name or id; it goes on serving its last good configuration')
    .option('--forget', 'forget it as well, so that its name may register anew')
    .addHelpText('after', needs('listGateways', 'decommissionGateway'))
    .action(
      does(async (name: string, options: { forget?: boolean }) => (await commands()).decommission(terminal, name, { ...global(), ...options })),
    );
  gateways
    .command('release-brake <environment>')
    .description('believe that the instances of an environment which fell silent at once are offline')
    .addHelpText('after', needs('releaseBrake'))
    .action(does(async (environment: string) => (await commands()).releaseBrake(terminal, environment, global())));
}
