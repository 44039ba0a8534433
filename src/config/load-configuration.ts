import { dirname, join, resolve } from 'node:path';
import type { ConfiguredCommand } from './command-line.js';
import { checkCluster, clusterOf } from './cluster-check.js';
import { checkDatastore, checkDispatcher } from './coherence-check.js';
import type { DatastoreKeys, DatastoreSection, DispatcherConfiguration } from './configuration.js';
import { refuse } from './configuration-error.js';
import { DEFAULT_FILE, type LoadedFile, readConfigurationFile } from './configuration-file.js';
import { CONFIGURATION_SCHEMA, DATASTORE, DISPATCHER, OWN_SECTIONS } from './schema/index.js';
import { checkAgainst } from './schema-check.js';
import { type HostEnvironment, stateDirectory } from './state-directory.js';
import { type PathResolver, typedSection } from './typed-values.js';

const DATABASE_FILE = 'datastore.db';

/**
 * Reads the configuration file that the command line names, or the default one if it is there,
 * lays the command line's settings over it and checks the whole.
 *
 * @throws ConfigurationError with one line for each problem
 * @example
 * const { dispatcher } = loadConfiguration(commandLine, { env, uid, home, hostName });
 * listen(dispatcher.websocketPort);
 */
export function loadConfiguration(
  command: ConfiguredCommand,
  environment: HostEnvironment,
): DispatcherConfiguration {
  const { file } = command;
  const loaded = readConfigurationFile(
    file === null ? { kind: 'default', path: DEFAULT_FILE } : { kind: 'named', path: file },
  );
  return configurationFrom(loaded, command, environment);
}

/**
 * The configuration of an application that has it as an object: the keys, checks and defaults are
 * those of the file. Relative paths are taken from the current folder.
 *
 * @throws ConfigurationError with one line for each problem
 * @example
 * configurationFromObject({ dispatcher: { 'websocket-port': 0 } }, { env, uid, home, hostName });
 */
export function configurationFromObject(
  document: Readonly<Record<string, unknown>>,
  environment: HostEnvironment,
): DispatcherConfiguration {
  return configurationFrom({ source: null, document }, { overrides: {} }, environment);
}

/** @throws ConfigurationError with one line for each problem */
export function configurationFrom(
  { source, document }: LoadedFile,
  { overrides }: Pick<ConfiguredCommand, 'overrides'>,
  environment: HostEnvironment,
): DispatcherConfiguration {
  const name = source ?? 'the built-in configuration';
  refuse(name, checkAgainst(CONFIGURATION_SCHEMA, document));
  const resolvePath: PathResolver = (path) =>
    source === null ? resolve(path) : resolve(dirname(source), path);
  const { cluster, ...keys } = {
    ...typedSection(DISPATCHER, document['dispatcher'], resolvePath),
    ...overrides,
  };
  const datastore = typedSection(DATASTORE, document['datastore'], resolvePath);
  const { hostName } = environment;
  const surroundings = { datastore, standby: keys.standby, hostName };
  refuse(name, [
    ...checkDatastore(datastore),
    ...checkDispatcher(keys),
    ...(cluster === null ? [] : checkCluster(cluster, surroundings)),
  ]);
  return {
    datastore: locateData(datastore, resolvePath, environment),
    dispatcher: { ...keys, cluster: cluster === null ? null : clusterOf(cluster, hostName) },
    other: sectionsOfOthers(document),
    source,
  };
}

function locateData(
  { driver, dsn }: DatastoreKeys,
  resolvePath: PathResolver,
  environment: HostEnvironment,
): DatastoreSection {
  if (dsn === null) return { driver, dsn: join(stateDirectory(environment), DATABASE_FILE) };
  return { driver, dsn: driver === 'sqlite' ? resolvePath(dsn) : dsn };
}

function sectionsOfOthers(document: LoadedFile['document']): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(document).filter(([name]) => !Object.hasOwn(OWN_SECTIONS, name)),
  );
}
