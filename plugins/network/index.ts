import { Plugin } from 'dispatcher';
import { NetworkInterfaceProvider } from './interface.provider.js';
import { NetworkRouteProvider } from './route.provider.js';
import { NetworkInterface } from './schemas/network-interface.schema.js';
import { NetworkRoute } from './schemas/network-route.schema.js';

/**
 * Interfaces and routes of the host. It only reads. Also an example of two providers below one
 * namespace, and of queries over rows that are made for each call.
 */
@Plugin({
  metadata: { type: 'network' },
  schemas: [NetworkInterface, NetworkRoute],
  providers: [NetworkInterfaceProvider, NetworkRouteProvider],
})
export default class NetworkPlugin {}
