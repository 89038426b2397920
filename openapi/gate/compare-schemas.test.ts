import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { breaksAfter, changesAfter, type Editable } from './sample-document.ts';

const schemas = '#/components/schemas';
const request = (document: Editable) => document.components.schemas.RegisterRequest;
const gateway = (document: Editable) => document.components.schemas.Gateway;
const problem = (document: Editable) => document.components.schemas.Problem;

describe('fields', () => {
  it('refuses a removed request field', () => {
    expect(
      breaksAfter((document) => {
        delete request(document).properties.labels;
      }),
    ).toEqual([`request-field-removed ${schemas}/RegisterRequest/properties/labels`]);
  });

  it('refuses a removed response field, once, however many answers share the schema', () => {
    expect(
      breaksAfter((document) => {
        delete problem(document).properties.title;
      }),
    ).toEqual([`response-field-removed ${schemas}/Problem/properties/title`]);
  });

  it('refuses a renamed field and names the new one', () => {
    const changes = changesAfter((document) => {
      const { properties } = gateway(document);
      properties.state = properties.liveness;
      delete properties.liveness;
    });
    expect(changes).toMatchObject([
      { severity: 'breaking', code: 'response-field-removed', message: expect.stringContaining('state is new') as string },
      { severity: 'additive', code: 'response-field-added' },
    ]);
  });

  it('refuses the names that broke the first implementation: hostname for instance_name', () => {
    const breaks = breaksAfter((document) => {
      request(document).properties.hostname = request(document).properties.instance_name;
      delete request(document).properties.instance_name;
      request(document).required[0] = 'hostname';
    });
    expect(breaks).toContain('adr-057-call POST /v1/internal/gateways/register request');
    expect(breaks).toContain(`request-required-field-added ${schemas}/RegisterRequest/properties/hostname`);
  });

  it('refuses a new required request field', () => {
    const edit = (document: Editable) => {
      request(document).properties.region = { type: 'string' };
      request(document).required.push('region');
    };
    expect(breaksAfter(edit)).toEqual([
      'adr-057-call POST /v1/internal/gateways/register request',
      `request-required-field-added ${schemas}/RegisterRequest/properties/region`,
    ]);
  });

  it('refuses an optional request field that becomes required', () => {
    expect(
      breaksAfter((document) => {
        request(document).required.push('boot_id');
      }),
    ).toContain(`request-field-became-required ${schemas}/RegisterRequest/properties/boot_id`);
  });

  it('refuses a response field that is no longer always there', () => {
    expect(
      breaksAfter((document) => {
        problem(document).required.pop();
      }),
    ).toEqual([`response-field-became-optional ${schemas}/Problem/properties/status`]);
  });

  it('passes new optional request fields and new response fields, required or not', () => {
    const changes = changesAfter((document) => {
      request(document).properties.endpoints = { type: 'array' };
      problem(document).properties.detail = { type: 'string' };
      problem(document).properties.type = { type: 'string' };
      problem(document).required.push('type');
    });
    expect(changes.map(({ severity, code }) => `${severity} ${code}`)).toEqual([
      'additive request-field-added',
      'additive response-field-added',
      'additive response-field-added',
    ]);
  });

  it.each(['additionalProperties', 'unevaluatedProperties'])(
    'refuses a new field of an answer that was closed by %s: its reader refuses it whole',
    (keyword) => {
      const close = (document: Editable) => {
        problem(document)[keyword] = false;
      };
      const add = (document: Editable) => {
        problem(document).properties.detail = { type: 'string' };
      };
      expect(breaksAfter(add, close)).toEqual([`response-field-added-to-closed ${schemas}/Problem/properties/detail`]);
      const closeRequest = (document: Editable) => {
        request(document)[keyword] = false;
      };
      const addToRequest = (document: Editable) => {
        request(document).properties.detail = { type: 'string' };
      };
      expect(breaksAfter(addToRequest, closeRequest)).toEqual([]);
    },
  );

  it('refuses a new field of a closed answer behind allOf, a choice and a list', () => {
    const prepare = (document: Editable) => {
      document.components.schemas.Kong.additionalProperties = false;
      document.components.schemas.Interval.additionalProperties = false;
    };
    expect(
      breaksAfter((document) => {
        document.components.schemas.Kong.properties.workspace = { type: 'string' };
        document.components.schemas.Interval.properties.jitter_s = { type: 'integer' };
      }, prepare),
    ).toEqual([
      `response-field-added-to-closed ${schemas}/Interval/properties/jitter_s`,
      `response-field-added-to-closed ${schemas}/Kong/properties/workspace`,
    ]);
  });

  it('refuses a new field of an answer that its reader would hold against the values of a map', () => {
    const prepare = (document: Editable) => {
      problem(document).additionalProperties = { type: 'string' };
    };
    expect(
      breaksAfter((document) => {
        problem(document).properties.count = { type: 'integer' };
        problem(document).properties.detail = { type: 'string' };
      }, prepare),
    ).toEqual([`response-type-changed ${schemas}/Problem/additionalProperties`]);
  });

  it.each([false, { type: 'string' }])(
    'refuses an answer that is opened: %j beside the named fields is no longer what its reader takes',
    (before) => {
      const prepare = (document: Editable) => {
        problem(document).additionalProperties = before;
      };
      expect(
        breaksAfter((document) => {
          delete problem(document).additionalProperties;
        }, prepare),
      ).toEqual([`response-additional-properties-widened ${schemas}/Problem`]);
    },
  );

  it('reads readOnly as "not in a request": such a field was taken away from callers', () => {
    expect(
      breaksAfter((document) => {
        request(document).properties.labels.readOnly = true;
      }),
    ).toEqual([`request-field-removed ${schemas}/RegisterRequest/properties/labels`]);
  });

  it('refuses a request that no longer takes unknown fields', () => {
    expect(
      breaksAfter((document) => {
        request(document).additionalProperties = false;
      }),
    ).toEqual([`request-additional-properties-narrowed ${schemas}/RegisterRequest`]);
  });

  it('refuses narrowed values of a map', () => {
    expect(
      breaksAfter((document) => {
        request(document).properties.labels.additionalProperties.maxLength = 10;
      }),
    ).toEqual([`request-constraint-narrowed ${schemas}/RegisterRequest/properties/labels/additionalProperties`]);
  });
});

describe('every keyword that constrains a value', () => {
  /** What is wider and what is narrower; `undefined` is the keyword's absence. */
  type Pairs = Record<string, [wider: unknown, narrower: unknown]>;
  const ordered: Pairs = {
    minimum: [1, 2],
    exclusiveMinimum: [1, 2],
    minLength: [1, 2],
    minItems: [1, 2],
    minProperties: [1, 2],
    maximum: [2, 1],
    exclusiveMaximum: [2, 1],
    maxLength: [2, 1],
    maxItems: [2, 1],
    maxProperties: [2, 1],
    multipleOf: [5, 10],
    pattern: [undefined, '^a'],
    format: [undefined, 'uuid'],
    uniqueItems: [undefined, true],
  };
  const pairs: Pairs = {
    ...ordered,
    minContains: [1, 2],
    maxContains: [2, 1],
    contains: [undefined, { type: 'string' }],
    prefixItems: [undefined, [{ type: 'string' }]],
    unevaluatedItems: [undefined, false],
    propertyNames: [undefined, { maxLength: 3 }],
    dependentRequired: [undefined, { a: ['b'] }],
    dependentSchemas: [undefined, { a: { required: ['b'] } }],
    dependencies: [undefined, { a: ['b'] }],
    not: [undefined, { type: 'object' }],
    if: [undefined, { type: 'object' }],
    then: [undefined, { required: ['a'] }],
    else: [undefined, { required: ['a'] }],
    $dynamicRef: [undefined, '#node'],
    enum: [[1, 2], [1]],
    const: [undefined, 1],
    type: [undefined, 'string'],
    additionalItems: [undefined, false],
    contentEncoding: [undefined, 'base64'],
    contentMediaType: [undefined, 'application/json'],
    contentSchema: [undefined, { type: 'object' }],
    keywordOfTomorrow: [undefined, 1],
  };
  const replaced = (place: (document: Editable) => Editable, keyword: string, from: unknown, to: unknown): string[] => {
    const put = (value: unknown) => (document: Editable) => void Object.assign(place(document), value === undefined ? {} : { [keyword]: value });
    const clear = (document: Editable) => void delete place(document)[keyword];
    return breaksAfter((document) => (clear(document), put(to)(document)), put(from));
  };

  it.each(Object.entries(pairs))('%s may not be narrowed in a request, nor widened in a response', (keyword, [wider, narrower]) => {
    expect(replaced((document) => (request(document).properties.free ??= {}), keyword, wider, narrower)).not.toEqual([]);
    expect(replaced((document) => (problem(document).properties.free ??= {}), keyword, narrower, wider)).not.toEqual([]);
  });

  it.each(Object.entries(ordered))('%s may be widened in a request, and narrowed in a response', (keyword, [wider, narrower]) => {
    expect(replaced((document) => (request(document).properties.free ??= {}), keyword, narrower, wider)).toEqual([]);
    expect(replaced((document) => (problem(document).properties.free ??= {}), keyword, wider, narrower)).toEqual([]);
  });

  it('is among those above, by the list of a validator that knows them all', () => {
    const structural = [
      'properties',
      'patternProperties',
      'required',
      'additionalProperties',
      'unevaluatedProperties',
      'items',
      'allOf',
      'oneOf',
      'anyOf',
    ];
    const references = ['$ref', 'discriminator', 'nullable', 'id', '$dynamicAnchor', '$recursiveAnchor', '$recursiveRef', '$comment'];
    const known = Object.keys(new Ajv2020().RULES.all).filter((keyword) => ![...structural, ...references].includes(keyword));
    expect(known.filter((keyword) => pairs[keyword] === undefined)).toEqual([]);
  });
});

describe('types and constraints', () => {
  it('refuses a narrowed request type', () => {
    expect(
      breaksAfter((document) => {
        request(document).properties.boot_id.type = 'string';
      }),
    ).toEqual([`request-type-narrowed ${schemas}/RegisterRequest/properties/boot_id`]);
    expect(
      breaksAfter((document) => {
        document.components.schemas.HeartbeatRequest.properties.uptime_s.type = 'integer';
      }),
    ).toEqual([`request-type-narrowed ${schemas}/HeartbeatRequest/properties/uptime_s`]);
  });

  it('refuses a replaced type in either direction', () => {
    expect(
      breaksAfter((document) => {
        request(document).properties.version.type = 'integer';
      }),
    ).toEqual([`request-type-changed ${schemas}/RegisterRequest/properties/version`]);
    expect(
      breaksAfter((document) => {
        problem(document).properties.status.type = 'string';
      }),
    ).toEqual([`response-type-changed ${schemas}/Problem/properties/status`]);
  });

  it('refuses a widened response type, and passes a widened request type', () => {
    expect(
      breaksAfter((document) => {
        problem(document).properties.title.type = ['string', 'null'];
      }),
    ).toEqual([`response-type-widened ${schemas}/Problem/properties/title`]);
    expect(
      breaksAfter((document) => {
        request(document).properties.version.type = ['string', 'number'];
      }),
    ).toEqual([]);
  });

  it.each([
    ['maxLength', 64],
    ['minLength', 2],
    ['pattern', '^[a-z]+$'],
    ['format', 'hostname'],
  ])('refuses a narrowed %s of a request field', (keyword, value) => {
    expect(
      breaksAfter((document) => {
        request(document).properties.instance_name[keyword] = value;
      }),
    ).toEqual([`request-constraint-${keyword === 'pattern' ? 'changed' : 'narrowed'} ${schemas}/RegisterRequest/properties/instance_name`]);
  });

  it('refuses a narrowed item of a request array', () => {
    expect(
      breaksAfter((document) => {
        request(document).properties.features.items.maxLength = 8;
      }),
    ).toEqual([`request-constraint-narrowed ${schemas}/RegisterRequest/properties/features/items`]);
  });

  it('passes loosened request constraints', () => {
    const changes = changesAfter((document) => {
      request(document).properties.instance_name.maxLength = 256;
      delete request(document).properties.instance_name.pattern;
    });
    expect(changes.map(({ severity, code }) => `${severity} ${code}`)).toEqual([
      'additive request-constraint-widened',
      'additive request-constraint-widened',
    ]);
  });

  it('refuses a loosened response constraint: the interval is promised to stay within 5 and 3600 seconds', () => {
    expect(
      breaksAfter((document) => {
        document.components.schemas.Interval.properties.heartbeat_interval_s.maximum = 86_400;
      }),
    ).toEqual([`response-constraint-widened ${schemas}/Interval/properties/heartbeat_interval_s`]);
  });

  it('sees an edit behind a reference inside a keyword it cannot decide', () => {
    const prepare = (document: Editable) => {
      request(document).if = { $ref: `${schemas}/Caddy` };
    };
    expect(
      breaksAfter((document) => {
        document.components.schemas.Caddy.required = [];
      }, prepare),
    ).toContain(`request-constraint-changed ${schemas}/RegisterRequest`);
  });
});

describe('enumerations', () => {
  it('refuses a removed value in a request and in a response', () => {
    expect(
      breaksAfter((document) => {
        document.components.schemas.HeartbeatRequest.properties.status.enum.pop();
      }),
    ).toEqual([`request-enum-value-removed ${schemas}/HeartbeatRequest/properties/status`]);
    expect(
      breaksAfter((document) => {
        gateway(document).properties.liveness.enum.pop();
      }),
    ).toEqual([`response-enum-value-removed ${schemas}/Gateway/properties/liveness`]);
  });

  it('lesson 6: refuses an added value in a response, which an older reader does not know', () => {
    expect(
      breaksAfter((document) => {
        gateway(document).properties.liveness.enum.push('revoked');
      }),
    ).toEqual([`response-enum-value-added ${schemas}/Gateway/properties/liveness`]);
  });

  it('passes an added value in a request', () => {
    expect(
      breaksAfter((document) => {
        document.components.schemas.HeartbeatRequest.properties.status.enum.push('starting');
      }),
    ).toEqual([]);
  });
});

describe('gateway_mode, closed by ADR-057', () => {
  it('refuses a removed mode', () => {
    expect(
      breaksAfter((document) => {
        document.components.schemas.GatewayMode.enum.pop();
      }),
    ).toEqual([`gateway-mode-removed ${schemas}/GatewayMode`]);
  });

  it('lesson 5: refuses an added mode, though more values are harmless elsewhere in a request', () => {
    expect(
      breaksAfter((document) => {
        document.components.schemas.GatewayMode.enum.push('proxy');
      }),
    ).toEqual([`gateway-mode-added ${schemas}/GatewayMode`]);
  });

  it('refuses an added mode of a query filter that is called mode', () => {
    const edit = (document: Editable) => {
      document.paths['/v1/gateways'].get.parameters[0].schema = { type: 'string', enum: ['edge_mcp', 'sidecar', 'connect', 'proxy'] };
    };
    expect(breaksAfter(edit)).toEqual([`gateway-mode-added ${schemas}/GatewayMode`]);
  });

  it('refuses an open gateway_mode', () => {
    expect(
      breaksAfter((document) => {
        request(document).properties.gateway_mode = { type: 'string' };
      }),
    ).toEqual([`gateway-mode-changed ${schemas}/GatewayMode`]);
  });

  it('refuses an added mode in a component that no operation reaches', () => {
    const prepare = (document: Editable) => {
      document.components.schemas.KeyScope = {
        type: 'object',
        properties: { modes: { type: 'array', items: { enum: ['edge_mcp', 'sidecar', 'connect'] } } },
      };
    };
    const edit = (document: Editable) => {
      document.components.schemas.KeyScope.properties.modes.items.enum.push('proxy');
    };
    expect(breaksAfter(edit, prepare)).toEqual([`gateway-mode-added ${schemas}/KeyScope/properties/modes/items`]);
  });
});

describe('references, allOf and unions', () => {
  it('finds a break behind a cyclic reference and comes to an end', () => {
    expect(
      breaksAfter((document) => {
        delete gateway(document).properties.id;
      }),
    ).toEqual([`response-field-removed ${schemas}/Gateway/properties/id`]);
  });

  it('compares a cycle that runs through allOf', () => {
    const prepare = (document: Editable) => {
      document.components.schemas.Tree = {
        allOf: [
          { properties: { name: { type: 'string' } } },
          { properties: { left: { $ref: `${schemas}/Tree` }, right: { allOf: [{ $ref: `${schemas}/Tree` }] } } },
        ],
      };
      gateway(document).properties.tree = { $ref: `${schemas}/Tree` };
    };
    expect(
      breaksAfter((document) => {
        delete document.components.schemas.Tree.allOf[0].properties.name;
      }, prepare),
    ).toEqual([`response-field-removed ${schemas}/Tree/allOf/0/properties/name`]);
  });

  it('compares a cycle that one side has and the other unrolls', () => {
    const prepare = (document: Editable) => {
      document.components.schemas.List = { type: 'object', properties: { next: { $ref: `${schemas}/List` } } };
      gateway(document).properties.list = { $ref: `${schemas}/List` };
    };
    expect(
      breaksAfter((document) => {
        document.components.schemas.List.properties.next = { type: 'object', properties: { next: { $ref: `${schemas}/List` } } };
      }, prepare),
    ).toEqual([]);
  });

  it('follows a document whose items turn from anything into a cycle', () => {
    const prepare = (document: Editable) => {
      document.components.schemas.Nest = { type: 'array' };
      gateway(document).properties.nest = { $ref: `${schemas}/Nest` };
    };
    expect(
      breaksAfter((document) => {
        document.components.schemas.Nest.items = { $ref: `${schemas}/Nest` };
      }, prepare),
    ).toEqual([]);
  });

  it('finds a break in an allOf member, and none when a field only moves between members', () => {
    expect(
      breaksAfter((document) => {
        document.components.schemas.RegisterReply.allOf[1].required = [];
      }),
    ).toEqual([
      'adr-057-call POST /v1/internal/gateways/register response 200',
      `response-field-became-optional ${schemas}/RegisterReply/allOf/1/properties/gateway_id`,
    ]);
    expect(
      changesAfter((document) => {
        const reply = document.components.schemas.RegisterReply;
        Object.assign(reply, { required: ['gateway_id'], properties: reply.allOf[1].properties, type: 'object' });
        reply.allOf.pop();
      }),
    ).toEqual([]);
  });

  it('compares what stands inline with the component it is moved to', () => {
    expect(
      changesAfter((document) => {
        document.components.schemas.Name = request(document).properties.instance_name;
        request(document).properties.instance_name = { $ref: `${schemas}/Name` };
      }),
    ).toEqual([]);
  });

  it('counts keywords beside a $ref', () => {
    expect(
      breaksAfter((document) => {
        request(document).properties.gateway_mode.const = 'connect';
      }).some((line) => line.startsWith('gateway-mode-removed')),
    ).toBe(true);
  });

  it('refuses a removed alternative, and an added one in a response', () => {
    expect(
      breaksAfter((document) => {
        gateway(document).properties.target.oneOf.pop();
        gateway(document).properties.target.oneOf.push({ $ref: `${schemas}/Problem` }, { $ref: `${schemas}/Interval` });
      }),
    ).toContain(`response-variant-added ${schemas}/Interval`);
    expect(
      breaksAfter((document) => {
        gateway(document).properties.target.oneOf.push({ $ref: `${schemas}/Problem` });
      }),
    ).toEqual([`response-variant-added ${schemas}/Problem`]);
  });

  it('compares an alternative with its namesake, wherever it stands in the list', () => {
    expect(
      changesAfter((document) => {
        gateway(document).properties.target.oneOf.reverse();
      }),
    ).toEqual([]);
    expect(
      breaksAfter((document) => {
        gateway(document).properties.target.oneOf.reverse();
        delete document.components.schemas.Kong.properties.admin_url;
      }),
    ).toEqual([`response-field-removed ${schemas}/Kong/properties/admin_url`]);
  });

  it('passes an added alternative in a request, also beside what stood alone', () => {
    const prepare = (document: Editable) => {
      request(document).properties.target = { oneOf: [{ $ref: `${schemas}/Kong` }, { $ref: `${schemas}/Caddy` }] };
    };
    expect(
      breaksAfter((document) => {
        request(document).properties.target.oneOf.push({ type: 'string' });
      }, prepare),
    ).toEqual([]);
    expect(
      breaksAfter((document) => {
        request(document).properties.version = { oneOf: [{ type: 'string' }, { type: 'integer' }] };
      }),
    ).toEqual([]);
  });

  it('refuses one schema that becomes alternatives none of which accepts what was accepted', () => {
    expect(
      breaksAfter((document) => {
        request(document).properties.version = { oneOf: [{ type: 'integer' }, { type: 'boolean' }] };
      }),
    ).toEqual([`request-type-changed ${schemas}/RegisterRequest/properties/version`]);
  });

  it('takes oneOf with null for the nullable type it spells', () => {
    expect(
      changesAfter((document) => {
        request(document).properties.boot_id = { anyOf: [{ type: 'string', format: 'uuid' }, { type: 'null' }] };
      }),
    ).toEqual([]);
    expect(
      breaksAfter((document) => {
        gateway(document).properties.id = { oneOf: [{ type: 'string' }, { type: 'null' }] };
      }),
    ).toEqual([`response-type-widened ${schemas}/Gateway/properties/id`]);
  });
});
