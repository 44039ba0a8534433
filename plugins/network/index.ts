import { Dispatcher, Plugin } from 'dispatcher';
import { ADDRESS_CHANGED, AddressChangedSource } from './address-changed.source.js';
import { NetworkInterfaceProvider } from './interface.provider.js';
import { LINK_CHANGED, LinkChangedSource } from './link-changed.source.js';
import { KernelNews } from './readers/kernel-news.js';
import { NetworkRouteProvider } from './route.provider.js';
import { NetworkAddressChange, NetworkLinkChange } from './schemas/network-changes.schema.js';
import { NetworkInterface } from './schemas/network-interface.schema.js';
import { NetworkRoute } from './schemas/network-route.schema.js';

/**
 * Interfaces and routes of the host. It only reads. Also an example of two providers below one
 * namespace, of queries over rows that are made for each call, and of sources that a child process
 * wakes.
 */
@Plugin({
  metadata: { type: 'network' },
  schemas: [NetworkInterface, NetworkRoute, NetworkLinkChange, NetworkAddressChange],
  providers: [
    NetworkInterfaceProvider,
    NetworkRouteProvider,
    LinkChangedSource,
    AddressChangedSource,
    KernelNews,
  ],
})
export default class NetworkPlugin {
  constructor(private readonly dispatcher: Dispatcher) {}

  init(): void {
    this.dispatcher.registerEventType(LINK_CHANGED, {
      description: 'An interface came, went, went up or down, or was changed',
      schema: NetworkLinkChange,
    });
    this.dispatcher.registerEventType(ADDRESS_CHANGED, {
      description: 'A running interface got or lost an address',
      schema: NetworkAddressChange,
    });
  }
}
