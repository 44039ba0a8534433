import { CLI } from './cli.schema.js';
import { DISPATCHER } from './dispatcher.schema.js';
import { ETCD } from './etcd.schema.js';
import { choice, optionalText, section } from './value-kinds.js';

/** `datastore`: where the server keeps its data. */
export const DATASTORE = section('Where the server keeps its data.', {
  driver: choice(['sqlite', 'mongodb'], 'sqlite', 'What the data is kept in.'),
  dsn: optionalText(
    'plain',
    'sqlite: a plain file path; mongodb: a mongodb:// or mongodb+srv:// address. ' +
      'Not given: for sqlite a file in the state folder, for mongodb an error.',
  ),
});

/** The sections this server reads and checks; all others belong to other daemons. */
export const OWN_SECTIONS = { datastore: DATASTORE, dispatcher: DISPATCHER } as const;

/**
 * The one description of the configuration file: types, checks, defaults, the published schema and
 * the table of the documentation come from here.
 */
export const CONFIGURATION_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'middleware.conf',
  description: 'Configuration of the whole product. Sections of other daemons are left alone.',
  type: 'object',
  properties: OWN_SECTIONS,
  additionalProperties: true,
} as const;

/** All that may be written: what the server checks, and the sections that other programs read. */
export const PUBLISHED_SECTIONS = { ...OWN_SECTIONS, etcd: ETCD, cli: CLI } as const;

/** For editors. The server leaves the sections of other programs alone: a slip there must not stop it. */
export const PUBLISHED_SCHEMA = {
  ...CONFIGURATION_SCHEMA,
  properties: PUBLISHED_SECTIONS,
} as const;
