import { dirname, resolve } from 'node:path';
import type { DispatcherConfiguration } from './configuration.js';
import { type Problem, refuse } from './configuration-error.js';
import { DEFAULT_FILE, type LoadedFile, readConfigurationFile } from './configuration-file.js';
import { DISPATCHER, ETCD, type ValueOf } from './schema/index.js';
import { checkAgainst } from './schema-check.js';
import { typedSection } from './typed-values.js';

/** `etcd` with every default filled in; keys in camel case, e.g. `limits.renderMs`. */
export type EtcdSection = ValueOf<typeof ETCD>;

export interface EtcdConfiguration {
  readonly etcd: EtcdSection;
  /** Where the dispatcher of this machine listens. */
  readonly url: string;
  /** The file it came from; null when there was none. */
  readonly source: string | null;
}

/**
 * What dispatcher-etcd goes by: its own section, and of the dispatcher's where that listens.
 *
 * @param file - a middleware.conf that has to be there; null for the default one, which need not
 * @throws ConfigurationError with one line for each problem
 */
export function loadEtcdConfiguration(file: string | null): EtcdConfiguration {
  return etcdConfigurationFrom(
    readConfigurationFile(
      file === null ? { kind: 'default', path: DEFAULT_FILE } : { kind: 'named', path: file },
    ),
  );
}

/**
 * The section `etcd` of a dispatcher's configuration when it says that etcd is a part of the dispatcher; null
 * when it is a process of its own, whose affair the section is then.
 *
 * @throws ConfigurationError with one line for each problem
 */
export function embeddedEtcdSection({
  other,
  source,
}: Pick<DispatcherConfiguration, 'other' | 'source'>): EtcdSection | null {
  const { etcd } = other;
  const isMeant = typeof etcd === 'object' && etcd !== null && 'mode' in etcd;
  if (!isMeant || etcd.mode !== 'embedded') return null;
  return etcdConfigurationFrom({ source, document: { etcd } }).etcd;
}

/** @throws ConfigurationError with one line for each problem */
function etcdConfigurationFrom({ source, document }: LoadedFile): EtcdConfiguration {
  const name = source ?? 'the built-in configuration';
  const placed = (section: string, schema: object): readonly Problem[] =>
    checkAgainst(schema, document[section] ?? {}).map(({ where, what }) => ({
      where: [section, where].filter((part) => part !== '').join('.'),
      what,
    }));
  refuse(name, [...placed('etcd', ETCD), ...placed('dispatcher', DISPATCHER)]);
  const resolvePath = (path: string): string =>
    source === null ? resolve(path) : resolve(dirname(source), path);
  const etcd = typedSection(ETCD, document['etcd'], resolvePath);
  refuse(name, checkEtcd(etcd));
  const { unixSocket, websocketPort } = typedSection(
    DISPATCHER,
    document['dispatcher'],
    resolvePath,
  );
  const usual =
    unixSocket === null
      ? `ws://127.0.0.1:${websocketPort}/socket`
      : `ws+unix:${unixSocket}:/socket`;
  return { etcd, url: etcd.url ?? usual, source };
}

/** What no single key can tell. */
function checkEtcd(etcd: EtcdSection): readonly Problem[] {
  const problems: Problem[] = [];
  if (etcd.logging === 'file' && etcd.logFile === null) {
    problems.push({ where: 'etcd.log-file', what: 'required, because etcd.logging is "file"' });
  }
  if (etcd.allowedRoots.includes('/')) {
    problems.push({
      where: 'etcd.allowed-roots',
      what: 'expected folders, got "/", which is everything',
    });
  }
  if (etcd.debounce.quietMs > etcd.debounce.maxMs) {
    const what = `expected at most etcd.debounce.max-ms (${etcd.debounce.maxMs}), got ${etcd.debounce.quietMs}`;
    problems.push({ where: 'etcd.debounce.quiet-ms', what });
  }
  return problems;
}
