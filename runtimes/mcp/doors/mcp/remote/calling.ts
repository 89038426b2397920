import type { Calling } from '../../../decide/may-call.ts';
import type { Exchange } from '../exchange.ts';

/** Who makes the calls of an exchange. */
export const callingOf = ({ snapshot, caller, addressOf, keyIn }: Exchange): Calling => ({ snapshot, caller, addressOf, keyIn });
