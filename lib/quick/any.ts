import type { IncomingMessage, ServerResponse } from 'node:http';
import type { QuickMessage, QuickReply } from './reply.ts';

/** A request from Node's server or from the quick lane, and what answers it. */
export type AnyRequest = IncomingMessage | QuickMessage;
export type AnyResponse = ServerResponse | QuickReply;
