import {
  description,
  type Filter,
  provider,
  Provider,
  query,
  queryArray,
  type QueryParams,
} from 'dispatcher';
import { readRoutes } from './readers/routes.reader.js';
import { NetworkRoute } from './schemas/network-route.schema.js';

@description('Reads the routing tables')
@provider('network.route')
export class NetworkRouteProvider extends Provider {
  @description('Lists the routes of the main table, IPv4 and IPv6')
  @query(NetworkRoute)
  async query(filter: Filter, params: QueryParams) {
    return queryArray(await readRoutes(), filter, params);
  }
}
