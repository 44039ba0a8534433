import type { FanOut } from './fan-out.js';

const PATIENCE_MS = 10_000;

/** Publishes one event after the other, at a pace the server can easily keep, and times each delivery. */
export class PacedLoad {
  constructor(
    private readonly fanOut: FanOut,
    private readonly everyMs: number,
  ) {}

  /** Milliseconds from the publication to each delivery; resolves when every event has reached everybody. */
  run(seconds: number): Promise<readonly number[]> {
    const { fanOut } = this;
    const latenciesMs: number[] = [];
    const sentAtMs = new Map<number, number>();
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        clearInterval(pace);
        clearTimeout(end);
        clearTimeout(late);
        finish();
      };
      const fail = (error: Error): void => settle(() => reject(error));
      let isRunning = true;
      const end = setTimeout(() => (isRunning = false), seconds * 1000);
      const late = setTimeout(
        () => fail(new Error(`${fanOut.ledger.underWay} events did not reach every subscriber`)),
        seconds * 1000 + PATIENCE_MS,
      );
      const pace = setInterval(() => {
        if (isRunning) sentAtMs.set(fanOut.publish(1), performance.now());
        else if (fanOut.ledger.underWay === 0) settle(() => resolve(latenciesMs));
      }, this.everyMs);
      fanOut.observe({
        onDelivery: (seq) => latenciesMs.push(performance.now() - (sentAtMs.get(seq) ?? NaN)),
        onCompleted: () => undefined,
        onFailure: fail,
      });
    });
  }
}
