import {
  accepts,
  description,
  type Filter,
  h,
  Provider,
  provider,
  query,
  type QueryParams,
  returns,
} from 'dispatcher';
import { SHARE_ROW, shareName, type ShareRow, SHARES } from './share.schema.js';

@description('The shares of this machine')
@provider('nas.share')
export class ShareProvider extends Provider {
  @description('Lists the shares')
  @query(SHARE_ROW)
  query(filter: Filter = [], params: QueryParams = {}): Promise<unknown> {
    return this.datastore.query(SHARES, filter, params);
  }

  @description('One share by its name, null when there is none')
  @accepts(shareName)
  @returns(h.nullable(SHARE_ROW))
  get(name: string): Promise<ShareRow | null> {
    return this.datastore.getById<ShareRow>(SHARES, name);
  }
}
