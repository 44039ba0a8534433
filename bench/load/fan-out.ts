import type { EventSubject } from '../subjects/subject.js';
import type { Started } from '../rows/started.js';
import { benchEvent, EVENT_NAME } from './bench-event.js';
import { DeliveryLedger, type LedgerShape } from './delivery-ledger.js';
import { openLoggedIn } from './logged-in.js';
import type { RawSocket } from './raw-socket.js';
import { clientFrame } from './wire.js';

/** The events and who waits for them. */
export interface FanOutShape extends LedgerShape {
  /** Characters that make each event longer. */
  readonly padding?: number;
}

/** What the owner of a fan-out is told. */
export interface FanOutObserver {
  /** A subscriber got the event it was waiting for. */
  onDelivery?(seq: number): void;
  /** All messages of one read were taken, and that many events have now reached everybody. */
  onCompleted(events: number): void;
  onFailure(error: Error): void;
}

/** One publisher and its subscribers, connected; every delivery is checked. */
export class FanOut {
  readonly ledger: DeliveryLedger;
  private observer: FanOutObserver = { onCompleted: ignore, onFailure: ignore };
  /** Completed since the owner was told. */
  private completed = 0;
  /** What ended a connection before anybody observed. */
  private failure: Error | null = null;

  private constructor(
    private readonly subject: EventSubject,
    private readonly sockets: readonly RawSocket[],
    private readonly shape: FanOutShape,
  ) {
    this.ledger = new DeliveryLedger(subject.events.read, shape);
    const [publisher, ...subscribers] = sockets;
    publisher?.listen({ onMessage: refuse, onReadEnd: ignore, onFailure: (e) => this.fail(e) });
    for (const socket of subscribers) this.follow(socket);
  }

  /** Connects, logs in, subscribes. */
  static async open(
    { server, subject }: Started<EventSubject>,
    shape: FanOutShape,
  ): Promise<FanOut> {
    const sockets: RawSocket[] = [];
    try {
      await openLoggedIn({ server, subject }, shape.subscribers + 1, sockets);
      for (const socket of sockets.slice(1)) await subject.events.subscribe(socket, EVENT_NAME);
      return new FanOut(subject, sockets, shape);
    } catch (error) {
      await Promise.all(sockets.map((socket) => socket.close()));
      throw error;
    }
  }

  observe(observer: FanOutObserver): void {
    this.observer = observer;
    if (this.failure !== null) observer.onFailure(this.failure);
  }

  /** Publishes that many events in one write; answers the number of the last. */
  publish(count: number): number {
    let seq = 0;
    const frames = Array.from({ length: count }, () => {
      seq = this.ledger.publish();
      const message = this.subject.events.publication(benchEvent(seq, this.shape.padding));
      return clientFrame(Buffer.from(JSON.stringify(message)));
    });
    this.sockets[0]?.write(Buffer.concat(frames));
    return seq;
  }

  async close(): Promise<void> {
    await Promise.all(this.sockets.map((socket) => socket.close()));
  }

  private follow(socket: RawSocket): void {
    let expected = 1;
    socket.listen({
      onMessage: (buffer, start, end) => {
        if (this.ledger.deliver(expected, buffer, start, end)) this.completed += 1;
        this.observer.onDelivery?.(expected);
        expected += 1;
      },
      onReadEnd: () => {
        const { completed } = this;
        if (completed === 0) return;
        this.completed = 0;
        this.observer.onCompleted(completed);
      },
      onFailure: (error) => this.fail(error),
    });
  }

  private fail(error: Error): void {
    this.failure ??= error;
    this.observer.onFailure(error);
  }
}

function ignore(): void {
  // nothing to do at this moment
}

/** The publisher is no subscriber: whatever it is sent is an error. */
function refuse(buffer: Buffer, start: number, end: number): void {
  throw new Error(`The publisher was answered ${buffer.toString('utf8', start, end)}`);
}
