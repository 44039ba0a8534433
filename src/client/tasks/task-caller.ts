import { Errno } from '../../common/portable.js';
import type { CallArguments, CallOptions } from '../calls.js';
import { DispatcherClientError } from '../client-error.js';
import type { ConnectionState } from '../connection-state.js';
import type { EventClient } from '../events/event-client.js';

/** What the tasks need of the client. */
export interface TaskCaller {
  readonly events: EventClient;
  readonly state: ConnectionState;
  call<Result>(method: string, args?: CallArguments, options?: CallOptions): Promise<Result>;
  ready(signal?: AbortSignal): Promise<unknown>;
}

/** True for what a new connection can mend. */
export function isLostConnection(error: unknown): boolean {
  return error instanceof DispatcherClientError && error.code === Errno.ECONNABORTED;
}
