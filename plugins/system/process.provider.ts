import {
  description,
  type Filter,
  provider,
  Provider,
  query,
  queryArray,
  type QueryParams,
} from 'dispatcher';
import { ProcessReader } from './readers/process.reader.js';
import { SystemProcess } from './schemas/system-process.schema.js';

@description('Reads the running processes')
@provider('system.process')
export class SystemProcessProvider extends Provider {
  constructor(private readonly reader: ProcessReader) {
    super();
  }

  @description('Lists processes; readings less than a second apart answer from the same one')
  @query(SystemProcess)
  async query(filter: Filter, params: QueryParams) {
    return queryArray(await this.reader.read(), filter, params);
  }
}
