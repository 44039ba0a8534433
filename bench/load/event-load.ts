import type { ClosableLoad } from '../rows/comparison.js';
import type { Started } from '../rows/started.js';
import type { EventSubject } from '../subjects/subject.js';
import { FanOut } from './fan-out.js';

/** The shape of the load. */
export interface EventShape {
  readonly subscribers: number;
  /** Events the publisher keeps under way; a new one is published for each that has reached everybody. */
  readonly inFlight: number;
}

const PATIENCE_MS = 15_000;

/** Events to many subscribers, as many as the server can take; an operation is one delivery. */
export class EventLoad implements ClosableLoad {
  private constructor(
    private readonly fanOut: FanOut,
    private readonly shape: EventShape,
  ) {}

  static async open(started: Started<EventSubject>, shape: EventShape): Promise<EventLoad> {
    const { subscribers, inFlight } = shape;
    const fanOut = await FanOut.open(started, { subscribers, window: inFlight });
    return new EventLoad(fanOut, shape);
  }

  get note(): string {
    return `messages of ${this.fanOut.ledger.messageBytes} bytes`;
  }

  /** Runs until the time is up and every event has reached everybody. */
  run(seconds: number): Promise<number> {
    const { fanOut, shape } = this;
    const { ledger } = fanOut;
    let isRunning = true;
    let events = 0;
    return new Promise<number>((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`${ledger.underWay} events did not reach every subscriber`)),
        seconds * 1000 + PATIENCE_MS,
      );
      const end = setTimeout(() => (isRunning = false), seconds * 1000);
      const settle = (finish: () => void): void => {
        clearTimeout(late);
        clearTimeout(end);
        finish();
      };
      fanOut.observe({
        onCompleted: (count) => {
          events += count;
          if (isRunning) fanOut.publish(count);
          else if (ledger.underWay === 0) settle(() => resolve(events * shape.subscribers));
        },
        onFailure: (error) => settle(() => reject(error)),
      });
      fanOut.publish(shape.inFlight);
    });
  }

  close(): Promise<void> {
    return this.fanOut.close();
  }
}
