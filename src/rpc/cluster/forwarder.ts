import { Injectable } from '@nestjs/common';
import { NodeCalls, NodeDirectory } from '../../cluster/index.js';
import type { Call } from '../call.js';
import { Holders } from './holders.js';
import { describeSender, type SentSender } from './sent-sender.js';

export const CALL_CHANNEL = 'rpc';

/** A call as another node is asked to make it. */
export interface ForwardedCall {
  readonly method: string;
  readonly args: unknown;
  readonly sender: SentSender;
  readonly isStrict: boolean;
  readonly wantsStream: boolean;
}

/** Has another node make a call, on behalf of its caller. */
@Injectable()
export class Forwarder {
  constructor(
    private readonly calls: NodeCalls,
    readonly directory: NodeDirectory,
    private readonly holders: Holders,
  ) {}

  /**
   * What the other node answers: a value, or an async iterable of a stream's items.
   *
   * @throws (rejects with) RpcException what the caller is to be told
   */
  forward(node: string, call: Call, args = call.args): Promise<unknown> {
    const { method, sender, options } = call;
    const body: ForwardedCall = {
      method,
      args,
      sender: describeSender(sender, this.holders.nameOf(sender)),
      isStrict: options.isStrict === true,
      wantsStream: options.wantsStream === true,
    };
    return this.calls.call(node, { channel: CALL_CHANNEL, body, cause: call.cause }, call.signal);
  }
}
