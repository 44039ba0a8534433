import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type DispatcherConfiguration } from '../config/index.js';
import { CrashFolder, type DebugContribution, debugArchive } from '../diagnostics/index.js';
import { DispatcherGateway } from '../gateway/index.js';
import { LogRoot } from '../logging/index.js';
import { MetricsRegistry } from '../metrics/index.js';
import { DebugHookTable, PluginHost } from '../plugin-host/index.js';
import { HOST_PROCESS, type HostProcess } from '../system/index.js';

/** A name that a plugin chose may not leave its folder in the archive. */
const UNSAFE = /[^\w.-]+/g;

/** Everything the server can say about itself to somebody who is to help, without its secrets. */
@Injectable()
export class DebugCollector {
  constructor(
    private readonly log: LogRoot,
    private readonly plugins: PluginHost,
    private readonly hooks: DebugHookTable,
    private readonly gateway: DispatcherGateway,
    private readonly metrics: MetricsRegistry,
    @Inject(HOST_PROCESS) private readonly host: HostProcess,
    @Inject(CONFIGURATION) private readonly configuration: DispatcherConfiguration,
  ) {}

  async collect(): Promise<Buffer> {
    const { configuration, host, log, plugins, hooks, gateway, metrics } = this;
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
