import { EventFanout, type JournalReplay } from '../cluster/index.js';
import { coded, decodeExtended, JsonText } from '../common/index.js';
import {
  type Connection,
  ConnectionSender,
  EventFrames,
  type ReplayRequest,
} from '../gateway/index.js';
import {
  accepts,
  description,
  h,
  type Infer,
  provider,
  returns,
  type Sender,
  sender,
} from '../sdk/index.js';
import { CURSOR, REPLAY, type Replay } from '../wire/index.js';

const REPLAY_OPTIONS = h.object({
  since: CURSOR,
  subscribe: h.optional(h.boolean({ description: 'Subscribe this connection from the end on' })),
});

@provider('event')
@description('Subscriptions of the caller, and events that it missed')
export class EventService {
  constructor(
    private readonly fanout: EventFanout,
    private readonly frames: EventFrames,
  ) {}

  @description('Masks that this connection is subscribed to')
  @accepts()
  @returns(h.array(String))
  getMySubscriptions(@sender() caller: Sender): string[] {
    const connection = connectionOf(caller);
    return connection === null ? [] : [...connection.masks];
  }

  @description('The place behind the latest event: what is read after this call is as new or newer')
  @accepts()
  @returns(CURSOR)
  cursor(): string {
    return this.fanout.cursor;
  }

  @description(
    'Events that match the masks since a cursor, in order, or the word that there is a gap',
  )
  @accepts(h.array(String), REPLAY_OPTIONS)
  @returns(REPLAY)
  replay(
    masks: string[],
    { since, subscribe }: Infer<typeof REPLAY_OPTIONS>,
    @sender() caller: Sender,
  ): Replay | Promise<Replay> {
    const request = { masks, since, subscriber: caller };
    const approach = this.fanout.approach(since);
    if (approach === null) return this.#replayed(request, subscribe === true);
    return approach.then(() => this.#replayed(request, subscribe === true));
  }

  @description(
    'Events that were published because of one thing, in order; with a gap, when older ones are no longer kept',
  )
  @accepts(h.string({ maxLength: 64 }))
  @returns(REPLAY)
  becauseOf(cause: string, @sender() caller: Sender): Replay {
    const found = this.frames.because(cause, caller);
    return new JsonText(textOf(found)) as unknown as Replay;
  }

  /** Answered at once, without a promise: an event that came before the answer would come twice. */
  #replayed(request: ReplayRequest, isSubscribing: boolean): Replay {
    const { frames } = this;
    const connection = connectionOf(request.subscriber);
    if (isSubscribing && connection === null) throw coded('SUBSCRIBER_NOT_CONNECTED');
    if (connection === null) return parsed(frames.replay(request));
    const replay = isSubscribing ? frames.resume(connection, request) : frames.replay(request);
    return new JsonText(textOf(replay)) as unknown as Replay;
  }
}

function connectionOf(caller: Sender): Connection | null {
  return caller instanceof ConnectionSender && caller.connection.isOpen ? caller.connection : null;
}

/** The events are text already; megabytes of them must not hold up the server. */
function textOf({ events, cursor, gap }: JournalReplay): string {
  return `{"events":[${events.join(',')}],"cursor":"${cursor}","gap":${gap}}`;
}

function parsed(replay: JournalReplay): Replay {
  return decodeExtended(JSON.parse(textOf(replay))) as Replay;
}
