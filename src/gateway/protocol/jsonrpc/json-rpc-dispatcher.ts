import { Inject, Injectable } from '@nestjs/common';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { coded, JsonText } from '../../../common/index.js';
import { OpenRpcDescriber, FailureReporter } from '../../../rpc/index.js';
import type { Connection } from '../connection.js';
import { FrameDispatcher } from '../frame-dispatcher.js';
import type { Frame } from '../frame.js';
import { PROTOCOL_LIMITS, type ProtocolLimits } from '../protocol-limits.js';
import { type TextEncoding, TURN_MS } from '../../transport/index.js';
import { BatchAnswer } from './batch-answer.js';
import type { JsonRpcDialect } from './json-rpc-dialect.js';
import {
  type JsonRpcFault,
  type JsonRpcRequest,
  NOT_TEXT,
  readMessage,
} from './json-rpc-message.js';
import { errorText } from './json-rpc-text.js';
import { frameOf, isSubscription } from './request-frames.js';

/** Entries of a batch in one turn of the event loop. */
const ENTRIES_PER_TURN = 64;

/** A connection that speaks JSON-RPC, with the batch that is being looked at. */
interface Exchange {
  readonly connection: Connection;
  readonly dialect: JsonRpcDialect;
  readonly batch: BatchAnswer | null;
  readonly hasExtended: boolean;
}

type Entry = JsonRpcRequest | JsonRpcFault;

/**
 * From a JSON-RPC 2.0 message to the frames that mean the same, entry by entry in order. An entry
 * that has to be waited for (a login) holds back the rest of its batch and the messages behind it, and
 * so does a batch that takes more than a turn. What is left of it is refused, not run, when its answers
 * fill a message.
 */
@Injectable()
export class JsonRpcDispatcher {
  constructor(
    private readonly frames: FrameDispatcher,
    private readonly failures: FailureReporter,
    private readonly api: OpenRpcDescriber,
    @Inject(PROTOCOL_LIMITS)
    private readonly limits: Pick<ProtocolLimits, 'frameValues' | 'answerBytes'>,
  ) {}

  receive(connection: Connection, dialect: JsonRpcDialect, [text, encoding]: Text): void {
    if (!connection.isOpen) return;
    const { entries, isBatch, hasExtended } =
      encoding === 'utf8' ? readMessage(text, this.limits.frameValues) : NOT_TEXT;
    const batch = isBatch ? new BatchAnswer(entries.filter(isAnswered).length) : null;
    const pending = this.#runFrom(0, entries, { connection, dialect, batch, hasExtended });
    if (pending !== undefined) void connection.holdBackFor(pending);
  }

  #runFrom(
    start: number,
    entries: readonly Entry[],
    exchange: Exchange,
  ): Promise<void> | undefined {
    const endsAtMs = performance.now() + TURN_MS;
    for (const [offset, entry] of entries.slice(start).entries()) {
      const at = start + offset;
      if (!exchange.connection.isOpen) return undefined;
      if (offset === ENTRIES_PER_TURN || (offset > 0 && performance.now() > endsAtMs)) {
        return nextTurn().then(() => this.#runFrom(at, entries, exchange));
      }
      const pending = this.#run(entry, exchange);
      if (pending !== undefined) {
        return pending.then(() => this.#runFrom(at + 1, entries, exchange));
      }
    }
    return undefined;
  }

  #run(entry: Entry, exchange: Exchange): Promise<void> | undefined {
    if ('fault' in entry) {
      exchange.connection.countFault();
      reply(exchange, errorText(entry.id, entry.fault));
      return undefined;
    }
    const { connection, dialect, batch, hasExtended } = exchange;
    const key = dialect.begin(entry, batch);
    if (key === null) {
      connection.countFault();
      reply(exchange, errorText(entry.id ?? null, coded('REQUEST_ID_IN_USE')));
      return undefined;
    }
    if (entry.numberFault !== null) {
      connection.fail(key, entry.numberFault);
      return undefined;
    }
    if (batch?.isFull === true) {
      connection.fail(key, coded('ANSWER_TOO_LARGE', { limit: this.limits.answerBytes }));
      return undefined;
    }
    if (entry.method === 'rpc.discover') return this.#discover(connection, key);
    const frame: Frame = { ...frameOf(entry), id: key, hasExtended, numberFault: null };
    const pending = this.frames.handle(connection, frame);
    // as frames these have no answer when all is well; an error has been answered by now
    if (isSubscription(entry) && dialect.isPending(key)) connection.respond(key, null);
    return pending;
  }

  /** Held back like a login rather than run beside others: so one client can ask for one at a time. */
  async #discover(connection: Connection, key: number): Promise<void> {
    try {
      if (!connection.isLoggedIn) throw coded('NOT_LOGGED_IN');
      connection.respond(key, new JsonText(await this.api.openRpc()));
    } catch (error) {
      connection.fail(key, this.failures.toClient(error, 'rpc.discover'));
    }
  }
}

type Text = readonly [text: string, encoding: TextEncoding];

function reply({ connection, batch }: Exchange, text: string): void {
  connection.send(batch === null ? text : batch.add(text));
}

function isAnswered(entry: Entry): boolean {
  return 'fault' in entry || entry.id !== undefined;
}
