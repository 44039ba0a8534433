/**
 * The configuration: the file middleware.conf, the command line that stands above it and the
 * folder for state. Checks everything before the server starts and gives typed values with all
 * defaults. Reads one file, never asks the process or the network and keeps nothing. Called by
 * main.ts and the command-line tools; the other folders take the finished configuration.
 */
export { HELP, parseArguments, type ConfiguredCommand } from './command-line.js';
export {
  type ClusterConfiguration,
  CONFIGURATION,
  type DatastoreSection,
  type DispatcherConfiguration,
} from './configuration.js';
export { closest, didYouMean } from './did-you-mean.js';
export {
  embeddedEtcdSection,
  type EtcdConfiguration,
  type EtcdSection,
  loadEtcdConfiguration,
} from './etcd-configuration.js';
export { ConfigurationError } from './configuration-error.js';
export { configurationFromObject, loadConfiguration } from './load-configuration.js';
export { FORMATS } from './schema/index.js';
export { queryLimitsOf } from './query-limits.js';
export { type HostEnvironment, stateDirectory } from './state-directory.js';
