import type { DispatcherConfiguration } from '../config/index.js';
import { CrashFolder, type DebugContribution, debugArchive } from '../diagnostics/index.js';
import type { DispatcherGateway } from '../gateway/index.js';
import type { LogRoot } from '../logging/index.js';
import type { MetricsRegistry } from '../metrics/index.js';
import type { DebugHookTable, PluginHost } from '../plugin-host/index.js';
import type { HostProcess } from '../system/index.js';

export interface DebugSources {
  readonly configuration: DispatcherConfiguration;
  readonly host: HostProcess;
  readonly log: Pick<LogRoot, 'tail' | 'level'>;
  readonly plugins: PluginHost;
  readonly hooks: DebugHookTable;
  readonly gateway: Pick<DispatcherGateway, 'connections'>;
  readonly metrics: MetricsRegistry;
}

/** A name that a plugin chose may not leave its folder in the archive. */
const UNSAFE = /[^\w.-]+/g;

/** Everything the server can say about itself to somebody who is to help, without its secrets. */
export async function collectDebug(sources: DebugSources): Promise<Buffer> {
  const { configuration, host, log, plugins, hooks, gateway, metrics } = sources;
  const reports = new CrashFolder(host.stateDirectory);
  const own: DebugContribution[] = [
    { path: 'server.json', content: describeProcess(host, log.level) },
    { path: 'configuration.json', content: withoutOthers(configuration) },
    { path: 'plugins.json', content: plugins.list() },
    {
      path: 'connections.json',
      content: Array.from(gateway.connections, ({ sender, peer }) => ({
        session: sender.sessionId,
        user: sender.user,
        address: peer.address,
      })),
    },
    { path: 'metrics.txt', content: (await metrics.page()).text },
    { path: 'log.ndjson', content: log.tail.recent().map(toLine).join('') },
    ...reports.list().map((name) => ({ path: `crash/${name}`, content: reports.read(name) })),
  ];
  const theirs = (await hooks.collect()).map(({ plugin, name, content }) => ({
    path: `plugins/${plugin}/${name.replaceAll(UNSAFE, '_')}`,
    content,
  }));
  return debugArchive([...own, ...theirs], new Date());
}

function describeProcess({ version, uid, startedAt }: HostProcess, logLevel: string): object {
  return {
    version,
    uid,
    started_at: startedAt.toISOString(),
    node: process.versions,
    platform: `${process.platform} ${process.arch}`,
    memory: process.memoryUsage(),
    cpu: process.cpuUsage(),
    log_level: logLevel,
  };
}

/** Sections of other programs are not ours to hand out. */
function withoutOthers({ datastore, dispatcher, source }: DispatcherConfiguration): object {
  return { source, datastore, dispatcher };
}

function toLine(line: object): string {
  return `${JSON.stringify(line)}\n`;
}
