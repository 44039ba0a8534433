import type { ConfigStore, Datastore } from './datastore.js';
import type { Dispatcher } from './dispatcher.js';
import { injectMembers } from './injected.js';
import type { Logger } from './logger.js';
import type { ServerMembers } from './server-members.js';

/**
 * Base of every data provider: one instance, made by Nest, whose decorated methods clients call.
 * A provider reads the system; to change it is a task's business.
 *
 * @example
 * @provider('disk')
 * export class DiskProvider extends Provider {
 *   @description('Names of all disks') @accepts() @returns(h.array(String))
 *   getNames() { return this.dispatcher.callSync('storage.device.query', [], { select: 'name' }); }
 * }
 */
export abstract class Provider implements ServerMembers {
  /** There from the end of the constructor on. */
  readonly dispatcher!: Dispatcher;
  readonly datastore!: Datastore;
  readonly configstore!: ConfigStore;
  readonly logger!: Logger;
}
injectMembers(Provider);
