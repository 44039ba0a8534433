import type { RpcException } from '../../common/index.js';

/** What a request may carry as its id; the reply carries it back unchanged. */
export type FrameId = string | number | null;

/** A frame that has the outer shape of the protocol; its args are still whatever the peer sent. */
export interface Frame {
  readonly namespace: string;
  readonly name: string;
  readonly id: FrameId;
  /** Undefined when the frame has no such key. */
  readonly args: unknown;
  /**
   * Some key of the frame may begin with `$`, or it is nested deeper than a value may be: only then
   * are the args searched for extended values, and refused for their depth.
   */
  readonly hasExtended: boolean;
  /** What is wrong with a number in it that JSON.parse has changed; null when none was. */
  readonly numberFault: RpcException | null;
}

/** A message that is no frame: what to answer, and to which id. */
export interface FrameFault {
  readonly fault: RpcException;
  readonly id: FrameId;
  /** Of a message that was not parsed, as far as they can be read. */
  readonly namespace?: string | null;
  readonly name?: string | null;
}
