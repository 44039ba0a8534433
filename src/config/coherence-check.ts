import type { DatastoreKeys, DispatcherKeys } from './configuration.js';
import type { Problem } from './configuration-error.js';

/** All but `cluster`, which has a file of its own. */
type Section = Omit<DispatcherKeys, 'cluster'>;

/** The kernel's sun_path holds 108 bytes, the last of them zero. */
const MAX_SOCKET_PATH_BYTES = 107;

/** What no single key can tell: keys that need or contradict each other. */
export function checkDispatcher(dispatcher: Section): readonly Problem[] {
  return [
    ...checkTls(dispatcher),
    ...checkLogFile(dispatcher),
    ...checkUnixSocket(dispatcher.unixSocket),
    ...checkExecutors(dispatcher.tasks.executors),
  ];
}

/** The data source by driver. Never quotes it: it may hold a password. */
export function checkDatastore({ driver, dsn }: DatastoreKeys): readonly Problem[] {
  const where = 'datastore.dsn';
  if (driver === 'mongodb') {
    if (dsn !== null && /^mongodb(\+srv)?:\/\/[^/]/.test(dsn)) return [];
    const got = dsn === null ? 'nothing' : 'something else';
    const what = `the driver mongodb expects an address such as "mongodb://localhost", got ${got}`;
    return [{ where, what }];
  }
  const scheme = /^[a-z][a-z\d+.-]*:/i.exec(dsn ?? '')?.[0];
  if (scheme === undefined) return [];
  return [
    { where, what: `the driver sqlite expects a plain file path, got a "${scheme}" address` },
  ];
}

function checkTls(dispatcher: Section): readonly Problem[] {
  if (!dispatcher.tls) return [];
  const files = new Map([
    ['dispatcher.tls-certificate', dispatcher.tlsCertificate],
    ['dispatcher.tls-keyfile', dispatcher.tlsKeyfile],
  ]);
  return [...files]
    .filter(([, file]) => file === null)
    .map(([where]) => ({ where, what: 'required, because dispatcher.tls is true' }));
}

function checkLogFile({ logging, logFile }: Section): readonly Problem[] {
  if (logging !== 'file' || logFile !== null) return [];
  return [{ where: 'dispatcher.log-file', what: 'required, because dispatcher.logging is "file"' }];
}

/** Longer paths are cut or refused by the kernel, with an error that does not say so. */
export function checkUnixSocket(path: string | null): readonly Problem[] {
  if (path === null || Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES) return [];
  const what = `expected at most ${MAX_SOCKET_PATH_BYTES} bytes, the longest path of a unix socket, got ${Buffer.byteLength(path)}`;
  return [{ where: 'dispatcher.unix-socket', what }];
}

type Executors = Section['tasks']['executors'];

function checkExecutors({ min, max }: Executors): readonly Problem[] {
  if (min === null || max === null || min <= max) return [];
  const what = `expected at most dispatcher.tasks.executors.max (${max}), got ${min}`;
  return [{ where: 'dispatcher.tasks.executors.min', what }];
}
