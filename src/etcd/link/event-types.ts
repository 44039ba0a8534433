import type { EtcdEventName } from '../model/index.js';

interface EventType {
  readonly description: string;
  /** Of what the event carries. */
  readonly schema: object;
}

const TEXT = { type: 'string' };
const FILE = { filename: TEXT, name: TEXT, generation: TEXT };
const COUNTS = { type: 'object', additionalProperties: { type: 'integer' } };
const GENERATION = { id: TEXT, reason: TEXT, counts: COUNTS };

function carrying(properties: object, optional: object = {}): object {
  const required = Object.keys(properties);
  return { type: 'object', properties: { ...properties, ...optional }, required };
}

/** All events that are sent; the dispatcher is told of them under the service that sends them. */
export const EVENT_TYPES: Readonly<Record<EtcdEventName, EventType>> = {
  'etcd.file_generated': {
    description: 'A file was made or changed; filename is absolute',
    schema: carrying({
      ...FILE,
      changes: { type: 'array', items: { enum: ['contents', 'mode', 'owner', 'group'] } },
    }),
  },
  'etcd.file_removed': { description: 'A file must not exist any more', schema: carrying(FILE) },
  'etcd.file_rolled_back': {
    description:
      'A file has its former content again, because an action failed or nobody confirmed',
    schema: carrying(FILE),
  },
  'etcd.file_failed': {
    description: 'A file could not be generated; what lies on the disk is as it was',
    schema: carrying({ name: TEXT, stage: TEXT, message: TEXT, generation: TEXT }),
  },
  'etcd.generation_started': {
    description: 'Files are rendered and about to be put in place',
    schema: carrying(GENERATION),
  },
  'etcd.generation_progress': {
    description: 'A generation that a task asked for has come to this file',
    schema: carrying({
      reason: TEXT,
      stage: { enum: ['render', 'commit'] },
      name: TEXT,
      done: { type: 'integer' },
      total: { type: 'integer' },
    }),
  },
  'etcd.generation_finished': {
    description: 'A generation has ended; counts says how many files had which outcome',
    schema: carrying(GENERATION),
  },
  'etcd.action_finished': {
    description: 'A reload, a signal, a command or a call after a generation has ended',
    schema: carrying(
      { action: { type: 'object' }, outcome: TEXT, generation: TEXT },
      { code: { type: 'integer' }, output: TEXT },
    ),
  },
  'etcd.drift_detected': {
    description: 'A file is not as it was written',
    schema: carrying({
      name: TEXT,
      kind: { enum: ['edited', 'missing', 'attributes', 'symlink', 'type'] },
    }),
  },
  'etcd.plugin_error': {
    description: 'Something of a plugin directory cannot be loaded',
    schema: carrying({
      name: { type: ['string', 'null'] },
      source: TEXT,
      code: { type: 'integer' },
      message: TEXT,
    }),
  },
};
