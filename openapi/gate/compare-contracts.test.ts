import { describe, expect, it } from 'vitest';
import { compareContracts } from './compare-contracts.ts';
import { UnresolvedRefError } from './document.ts';
import { breaksAfter, changesAfter, registerPath, sampleDocument, type Editable } from './sample-document.ts';

const registerName = `POST ${registerPath}`;
const listName = 'GET /v1/gateways';

describe('paths and operations', () => {
  it('finds nothing between a document and itself', () => {
    expect(compareContracts(sampleDocument(), sampleDocument())).toEqual([]);
  });

  it('refuses a removed path, and says that the ADR promised it', () => {
    const breaks = breaksAfter((document) => {
      delete document.paths[registerPath];
    });
    expect(breaks).toEqual([`adr-057-call ${registerName}`, `path-removed ${registerPath}`]);
  });

  it('refuses a renamed path and names the new one', () => {
    const changes = changesAfter((document) => {
      document.paths['/v1/instances'] = document.paths['/v1/gateways'];
      delete document.paths['/v1/gateways'];
    });
    expect(changes).toMatchObject([
      { code: 'path-removed', where: '/v1/gateways', message: expect.stringContaining('/v1/instances') as string },
      { code: 'path-added', severity: 'additive' },
    ]);
  });

  it('refuses a renamed path parameter, which generated clients name', () => {
    const [change] = changesAfter((document) => {
      document.paths['/v1/internal/gateways/{id}/heartbeat'] = document.paths['/v1/internal/gateways/{gateway_id}/heartbeat'];
      delete document.paths['/v1/internal/gateways/{gateway_id}/heartbeat'];
    });
    expect(change).toMatchObject({ severity: 'breaking', code: 'adr-057-call' });
  });

  it('refuses a removed operation on a path that stays', () => {
    const breaks = breaksAfter((document) => {
      delete document.paths['/v1/gateways'].get;
      document.paths['/v1/gateways'].post = { operationId: 'x', responses: {} };
    });
    expect(breaks).toEqual([`operation-removed ${listName}`]);
  });

  it('refuses a changed operationId', () => {
    expect(
      breaksAfter((document) => {
        document.paths['/v1/gateways'].get.operationId = 'getGateways';
      }),
    ).toEqual([`operation-id-changed ${listName}`]);
  });

  it('passes a new path and a new operation, and lists both', () => {
    const changes = changesAfter((document) => {
      document.paths['/v1/apis'] = { get: { operationId: 'listApis', responses: {} } };
      document.paths['/v1/gateways'].post = { operationId: 'makeGateway', responses: {} };
    });
    expect(changes.map(({ severity, code }) => `${severity} ${code}`)).toEqual(['additive path-added', 'additive operation-added']);
  });

  it('says nothing about wording, examples and tags', () => {
    expect(
      changesAfter((document) => {
        document.info.description = 'New words.';
        document.components.schemas.Gateway.properties.id.description = 'New words.';
        document.components.schemas.Gateway.examples = [{}];
        document.paths['/v1/gateways'].get.tags = ['Fleet'];
        document.paths['/v1/gateways'].get.summary = 'New words';
      }),
    ).toEqual([]);
  });

  it('refuses a lost server prefix', () => {
    expect(
      breaksAfter((document) => {
        document.servers = [{ url: 'https://cp.example/api' }];
      }),
    ).toEqual(['server-prefix-removed #/servers']);
  });

  it('refuses to compare a document that was not bundled', () => {
    expect(() =>
      changesAfter((document) => {
        document.components.schemas.Gateway.properties.id = { $ref: './id.yaml' };
      }),
    ).toThrow(UnresolvedRefError);
  });
});

describe('status codes, media types and headers', () => {
  const answers = (document: Editable) => document.paths['/v1/gateways'].get.responses;

  it('refuses a changed success status of the ADR call: 200 may not become 201', () => {
    const breaks = breaksAfter((document) => {
      const { responses } = document.paths[registerPath].post;
      responses[201] = responses[200];
      delete responses[200];
    });
    expect(breaks).toEqual([
      `adr-057-call ${registerName} response 201`,
      `adr-057-call ${registerName} response 200`,
      `success-status-removed ${registerName} response 200`,
      `success-status-added ${registerName} response 201`,
    ]);
  });

  it('refuses an added success status', () => {
    expect(
      breaksAfter((document) => {
        answers(document)[204] = { description: 'None.' };
      }),
    ).toEqual([`success-status-added ${listName} response 204`]);
  });

  it('refuses a changed error status, and passes one that is only added', () => {
    const changes = changesAfter((document) => {
      answers(document)[422] = answers(document)[400];
      delete answers(document)[400];
    });
    expect(changes.map(({ severity, code }) => `${severity} ${code}`)).toEqual(['breaking error-status-removed', 'additive error-status-added']);
  });

  it('refuses a removed media type', () => {
    expect(
      breaksAfter((document) => {
        document.paths[registerPath].post.requestBody.content = { 'text/plain': {} };
      }),
    ).toContain(`request-media-type-removed ${registerName} request application/json`);
  });

  it('refuses a removed response header, and passes a new one', () => {
    expect(
      breaksAfter((document) => {
        answers(document)[200].headers = { 'X-Total': { schema: { type: 'integer' } } };
      }),
    ).toEqual([`response-header-removed ${listName} response 200 header etag`]);
  });
});

describe('parameters', () => {
  const parameters = (document: Editable) => document.paths['/v1/gateways'].get.parameters;

  it('refuses a removed parameter', () => {
    expect(
      breaksAfter((document) => {
        parameters(document).pop();
      }),
    ).toEqual([`parameter-removed ${listName} parameter query limit`]);
  });

  it('refuses a new required parameter, and passes an optional one', () => {
    expect(
      breaksAfter((document) => {
        parameters(document).push({ name: 'tenant', in: 'query', required: true }, { name: 'q', in: 'query' });
      }),
    ).toEqual([`required-parameter-added ${listName} parameter query tenant`]);
  });

  it('refuses an optional parameter that becomes required', () => {
    expect(
      breaksAfter((document) => {
        parameters(document)[1].required = true;
      }),
    ).toEqual([`parameter-became-required ${listName} parameter query limit`]);
  });

  it('refuses a narrowed range and a changed default', () => {
    expect(
      breaksAfter((document) => {
        Object.assign(parameters(document)[1].schema, { maximum: 50, default: 10 });
      }),
    ).toEqual([`request-constraint-narrowed ${listName} parameter query limit`, `request-default-changed ${listName} parameter query limit`]);
  });

  it('takes a default that is spelt out for no change of style', () => {
    expect(
      changesAfter((document) => {
        Object.assign(parameters(document)[1], { style: 'form', explode: true });
      }),
    ).toEqual([]);
  });

  it('sees a parameter that moves from the path item into its operation as the same one', () => {
    expect(
      changesAfter((document) => {
        const item = document.paths['/v1/internal/gateways/{gateway_id}/heartbeat'];
        item.post.parameters = item.parameters;
        delete item.parameters;
      }),
    ).toEqual([]);
  });
});

describe('security', () => {
  it('refuses an operation that asks for another scheme or for one more scope', () => {
    expect(
      breaksAfter((document) => {
        document.paths[registerPath].post.security = [{ operatorToken: [] }];
      }),
    ).toEqual([`security-changed ${registerName}`]);
    expect(
      breaksAfter((document) => {
        document.paths['/v1/gateways'].get.security = [{ operatorToken: ['read', 'fleet'] }];
      }),
    ).toEqual([`security-changed ${listName}`]);
  });

  it('passes one more way in, and lists it', () => {
    const changes = changesAfter((document) => {
      document.paths[registerPath].post.security.push({ operatorToken: [] });
    });
    expect(changes).toMatchObject([{ severity: 'additive', code: 'security-loosened' }]);
  });

  it('refuses a scheme that means something else', () => {
    expect(
      breaksAfter((document) => {
        document.components.securitySchemes.gatewayKey = { type: 'apiKey', in: 'header', name: 'X-Key' };
      }),
    ).toEqual(['security-scheme-changed #/components/securitySchemes/gatewayKey']);
  });
});
