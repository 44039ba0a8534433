/**
 * Where data of renderers comes from: the port and its injection token. Values are native: dates are dates, a
 * password is a Password.
 */
export abstract class DataSourcePort {
  /** @throws RpcException what the dispatcher answers, ECONNABORTED while there is none */
  abstract call(method: string, args: readonly unknown[]): Promise<unknown>;
  abstract query(collection: string, filter: unknown, params: unknown): Promise<unknown>;
  /** The value of a setting or of another key of the config store; null when it has none. */
  abstract config(key: string): Promise<unknown>;
  /** Whether the dispatcher knows events of that name. */
  abstract knowsEvent(name: string): boolean;
}
