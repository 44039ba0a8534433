import { fileURLToPath } from 'node:url';
import type { DispatcherConfiguration } from '../config/index.js';
import { pluginDirectories } from '../plugin-host/index.js';

/** The compiled server, with the shipped plugins. */
const PROGRAM = fileURLToPath(new URL('../..', import.meta.url));

/** What SQLite keeps beside its file, and what this server does. */
const STORE_FILES = ['', '-wal', '-shm', '-journal', '.lease', '.lock'];

/**
 * The files and folders that are the server's own: its state with the store and the keys, its
 * configuration, its program and every folder that plugins are loaded from. They need not exist.
 * Nothing that is done for a user reaches into them.
 */
export function ownPaths(
  { dispatcher, datastore, source }: DispatcherConfiguration,
  stateDirectory: string,
): readonly string[] {
  const { tlsKeyfile, tlsCertificate, pidfile, logFile, unixSocket } = dispatcher;
  const store =
    datastore.driver === 'sqlite' ? STORE_FILES.map((end) => `${datastore.dsn}${end}`) : [];
  const files = [source, tlsKeyfile, tlsCertificate, pidfile, logFile, unixSocket];
  return [
    stateDirectory,
    PROGRAM,
    ...pluginDirectories(dispatcher).map(({ path }) => path),
    ...files.filter((path) => path !== null),
    ...store,
  ];
}
