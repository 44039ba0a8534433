import { ServiceOwner } from '../rpc/index.js';
import type { Dispatcher } from '../sdk/index.js';
import type { Construct } from './construct.js';
import { PluginDispatcher } from './plugin-dispatcher.js';
import type { PluginHostDependencies } from './plugin-host.dependencies.js';
import { PluginScope } from './plugin-scope.js';

/** No plugin can have that name: it contains a space. */
const NAME = 'host application';

/** Another process cannot load the application: tasks that it registers have to be `inline`. */
const NO_CODE = {
  plugin: NAME,
  entry: '',
  generation: 0,
  options: {},
  sources: () => new Map<string, string>(),
  keep: () => () => undefined,
};

/**
 * The application that the server is part of, as the server sees it: a plugin without code of its
 * own and without reloads. What it registers is taken back at its end.
 */
export class HostApplication {
  readonly dispatcher: Dispatcher;
  readonly #scope: PluginScope;

  constructor(
    private readonly host: PluginHostDependencies,
    construct: Construct,
  ) {
    const logger = host.createLogger(NAME);
    this.#scope = new PluginScope(host, new ServiceOwner(NAME), logger, NO_CODE);
    void this.#scope.takeCharge(); // nothing is registered yet
    this.#scope.sources.start();
    this.dispatcher = new PluginDispatcher(this.#scope, construct);
  }

  /** Never rejects. */
  async end(): Promise<void> {
    const { sources, undoStack, logger } = this.#scope;
    this.#scope.abort();
    await sources.stop();
    await undoStack.undoAll((what, error) =>
      logger.error('Registration of the host application could not be taken back', { what, error }),
    );
    this.#scope.close('The dispatcher stops: the application goes on without it');
    this.host.schemas.undefineOwned(NAME);
  }
}
