import type { EventType } from '../../events/index.js';
import { type JsonSchema, relocateReferences } from '../../schema/index.js';
import type { TaskHandler } from '../../tasks/index.js';
import { ComponentKeys } from './component-keys.js';
import { INFO, type Offer } from './offer.js';

type Relocate = (schema: JsonSchema) => JsonSchema;

const CHANNEL = '#/channels/socket';
const TIMESTAMP: JsonSchema = { description: 'Added by the server when the publisher gives none' };

/**
 * Every event type as an AsyncAPI 3 document: one channel, the socket, and a message for each type
 * whose payload is the frame as it travels. Tasks tell of themselves by the events `task.*`; the
 * classes of tasks, for which AsyncAPI has no place, are in `x-tasks`.
 */
export function asyncApiDocument(offer: Offer): JsonSchema {
  const { version, eventTypes, tasks, definitions } = offer;
  const schemaKeys = new ComponentKeys(Object.keys(definitions));
  const messageKeys = new ComponentKeys(eventTypes.map(([name]) => name));
  const relocate: Relocate = (schema) =>
    relocateReferences(schema, (name) => {
      const key = schemaKeys.get(name);
      return key === null ? null : `#/components/schemas/${key}`;
    });
  const references = (to: string): Record<string, JsonSchema> =>
    messageKeys.rename(eventTypes, (_, name) => ({ $ref: `${to}/${messageKeys.get(name) ?? ''}` }));
  return {
    asyncapi: '3.0.0',
    info: { ...INFO, version },
    defaultContentType: 'application/json',
    channels: {
      socket: {
        address: '/socket',
        description: 'One JSON object per WebSocket message',
        messages: {
          ...references('#/components/messages'),
          'subscribe-frame': { $ref: '#/components/messages/subscribe-frame' },
        },
      },
    },
    operations: {
      publish: {
        action: 'send',
        channel: { $ref: CHANNEL },
        summary: 'Events go to every logged-in client with a mask that matches their name',
        messages: Object.values(references(`${CHANNEL}/messages`)),
      },
      subscribe: {
        action: 'receive',
        channel: { $ref: CHANNEL },
        summary: 'A client says by masks which events it wants, and which no longer',
        messages: [{ $ref: `${CHANNEL}/messages/subscribe-frame` }],
      },
    },
    components: {
      messages: {
        ...messageKeys.rename(eventTypes, (type, name) => message(name, type, relocate)),
        'subscribe-frame': SUBSCRIBE,
      },
      schemas: schemaKeys.rename(Object.entries(definitions), relocate),
    },
    'x-tasks': Object.fromEntries(tasks.map(([name, task]) => [name, taskClass(task, relocate)])),
  };
}

function message(
  name: string,
  { description, schema, source }: EventType,
  relocate: Relocate,
): JsonSchema {
  return {
    name,
    title: name,
    ...(description !== null && { summary: description }),
    ...(source !== null && { 'x-source': source }),
    payload: frame('event', {
      type: 'object',
      required: ['name', 'args'],
      properties: {
        name: { const: name },
        args: {
          type: 'object',
          ...(schema !== null && { allOf: [openedUp(relocate(schema))] }),
          properties: { timestamp: TIMESTAMP },
        },
        cursor: { type: 'string', description: 'Its place in the order of all events; opaque' },
        cause: { type: 'string', description: 'Of what it came, as in the log of the server' },
      },
    }),
  };
}

/** What is published has a timestamp besides, so the args are more than their schema names. */
function openedUp(schema: JsonSchema): JsonSchema {
  if (schema['additionalProperties'] !== false) return schema;
  return Object.fromEntries(
    Object.entries(schema).filter(([keyword]) => keyword !== 'additionalProperties'),
  );
}

const SUBSCRIBE: JsonSchema = {
  name: 'subscribe-frame',
  title: 'Frames subscribe and unsubscribe',
  payload: {
    type: 'object',
    required: ['namespace', 'name', 'args'],
    properties: {
      namespace: { const: 'events' },
      name: { enum: ['subscribe', 'unsubscribe'] },
      args: {
        type: 'array',
        items: { type: 'string', description: 'A shell glob over names of events' },
      },
    },
  },
};

function frame(name: string, args: JsonSchema): JsonSchema {
  return {
    type: 'object',
    required: ['namespace', 'name', 'args'],
    properties: {
      namespace: { const: 'events' },
      name: { const: name },
      id: { type: 'null' },
      args,
    },
  };
}

function taskClass(
  { description, argumentsValidator, isPrivate, isAbortable }: TaskHandler,
  relocate: Relocate,
) {
  return {
    ...(description !== null && { description }),
    private: isPrivate,
    abortable: isAbortable,
    arguments: argumentsValidator?.schemas.map(relocate) ?? null,
  };
}
