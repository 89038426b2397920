import { fileURLToPath } from 'node:url';
import { describeProgram } from '@stoa/mcp/testing/program-suite.ts';

describeProgram({ main: fileURLToPath(new URL('main.ts', import.meta.url)), product: 'STOA Link', gatewayMode: 'sidecar' });
