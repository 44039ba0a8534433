import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { NodeDirectory, type Unsubscribe } from '../../cluster/index.js';
import { messageOf } from '../../common/index.js';
import { EventRouter } from '../../events/index.js';
import { SERVER_LOGGER } from '../../logging/index.js';
import { PluginHost } from '../../plugin-host/index.js';
import {
  ForwardedCalls,
  hashOfService,
  ServiceRegistry,
  ServicesElsewhere,
} from '../../rpc/index.js';
import type { Logger } from '../../sdk/index.js';

/** A reload takes away and brings back, and is told of once. */
const SETTLE_MS = 200;
const AGAIN_MS = 1_000;
const PLUGIN_EVENTS = 'server.plugin.*';

/**
 * What this node offers to the others, and they to it: tells them its services and plugins, makes the
 * calls that they forward, and has theirs where there are none of that name here.
 */
@Injectable()
export class NodeServices implements OnApplicationShutdown {
  readonly #stops: Unsubscribe[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly directory: NodeDirectory,
    private readonly registry: ServiceRegistry,
    private readonly plugins: PluginHost,
    private readonly forwarded: ForwardedCalls,
    private readonly elsewhere: ServicesElsewhere,
    private readonly events: EventRouter,
    @Inject(SERVER_LOGGER) private readonly logger: Logger,
  ) {}

  start(): void {
    const { registry, events, forwarded, elsewhere } = this;
    const onPlugin = (): void => this.#announceIn(SETTLE_MS);
    events.addHandler(PLUGIN_EVENTS, onPlugin);
    this.#stops.push(
      forwarded.serve(),
      registry.onChange(() => this.#announceIn(SETTLE_MS)),
      () => events.removeHandler(PLUGIN_EVENTS, onPlugin),
    );
    elsewhere.start();
    this.#announceIn(0);
  }

  onApplicationShutdown(): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.elsewhere.stop();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #announceIn(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.#announce();
    }, ms);
  }

  async #announce(): Promise<void> {
    const { services, plugins } = this.directory.self;
    const present = { services: this.#services(), plugins: this.#plugins() };
    if (isSame(services, present.services) && isSame(plugins, present.plugins)) return;
    try {
      await this.directory.announce(present);
    } catch (error) {
      this.logger.debug('The services of this node are not told yet', { reason: messageOf(error) });
      if (this.#stops.length > 0) this.#announceIn(AGAIN_MS);
    }
  }

  #services(): Record<string, string> {
    const own = this.registry.list().filter(({ isElsewhere }) => isElsewhere !== true);
    return Object.fromEntries(own.map((service) => [service.name, hashOfService(service)]));
  }

  #plugins(): Record<string, string> {
    const loaded = this.plugins.list().filter(({ state }) => state === 'loaded');
    return Object.fromEntries(
      loaded.map(({ name, metadata: { version } }) => [
        name,
        typeof version === 'string' ? version : '',
      ]),
    );
  }
}

type Named = Readonly<Record<string, string>>;

function isSame(before: Named, now: Named): boolean {
  const names = Object.keys(now);
  return (
    names.length === Object.keys(before).length && names.every((name) => before[name] === now[name])
  );
}
