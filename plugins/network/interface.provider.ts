import {
  description,
  type Filter,
  provider,
  Provider,
  query,
  queryArray,
  type QueryParams,
} from 'dispatcher';
import { readInterfaces } from './readers/interfaces.reader.js';
import { NetworkInterface } from './schemas/network-interface.schema.js';

@description('Reads the network interfaces')
@provider('network.interface')
export class NetworkInterfaceProvider extends Provider {
  @description('Lists network interfaces with their addresses and counters')
  @query(NetworkInterface)
  async query(filter: Filter, params: QueryParams) {
    return queryArray(await readInterfaces(), filter, params);
  }
}
