import type { RpcException } from '../../common/index.js';
import type { EventForm } from '../transport/index.js';
import type { Feature } from './features.js';
import { errorFrame, logoutFrame, responseFrame } from './frame.codec.js';
import type { FrameId } from './frame.js';

/**
 * How what a connection is told looks on the wire. What happens is the same in every dialect: logins,
 * limits and subscriptions know nothing of it.
 */
export interface Dialect {
  readonly eventForm: EventForm;
  /** What a client cannot turn on, because the dialect has no words for it. */
  readonly withheldFeatures: ReadonlySet<Feature>;
  /** Whether the server may call methods of the client's. */
  readonly takesCalls: boolean;

  /**
   * The text of an answer; null when nothing is to be sent (yet).
   *
   * @param maxBytes - of the answer's value; of all answers together where several leave as one
   * @throws RpcException EOVERFLOW for a value that is larger; RangeError or TypeError for one that has
   *   no JSON form; the id may be answered still
   */
  response(id: FrameId, value: unknown, maxBytes: number): string | null;
  error(id: FrameId, error: RpcException): string | null;
  logout(reason: string): string;
}

/** The frames of `/socket`. Holds nothing, so one is enough for all connections. */
export const FRAME_DIALECT: Dialect = {
  eventForm: 'plain',
  withheldFeatures: new Set(),
  takesCalls: true,
  response: responseFrame,
  error: errorFrame,
  logout: logoutFrame,
};
