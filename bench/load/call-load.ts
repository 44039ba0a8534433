import type { Load } from '../measure/rounds.js';
import type { ChildServer } from '../subjects/child-server.js';
import { Caller, type CallerOwner } from './caller.js';
import { benchUser, type Dialect } from './dialects.js';
import { RawSocket } from './raw-socket.js';

/** The shape of the load. */
export interface CallShape {
  readonly connections: number;
  /** Calls each connection keeps in flight; a new one is sent for each answer. */
  readonly inFlight: number;
}

/** Validated calls over many connections, as many as the server can take. */
export class CallLoad implements Load, CallerOwner {
  isRunning = false;
  private operations = 0;
  private callers: readonly Caller[] = [];
  private readonly sockets: RawSocket[] = [];
  private finish: () => void = () => undefined;
  private failure: Error | null = null;
  private reject: (error: Error) => void = () => undefined;

  /** Connects, logs in and makes each call once, checked. */
  static async open(server: ChildServer, dialect: Dialect, shape: CallShape): Promise<CallLoad> {
    const load = new CallLoad();
    const callers: Caller[] = [];
    for (let i = 0; i < shape.connections; i += 1) {
      const socket = await RawSocket.open(server.address);
      load.sockets.push(socket);
      await dialect.login(socket);
      const users = Array.from({ length: shape.inFlight }, (_, k) => benchUser(i * 100 + k));
      callers.push(await Caller.create(socket, { dialect, users }, load));
    }
    load.callers = callers;
    return load;
  }

  /** Runs until the time is up and every call in flight is answered. */
  run(seconds: number): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.failure !== null) {
        reject(this.failure);
        return;
      }
      this.operations = 0;
      this.isRunning = true;
      this.reject = reject;
      this.finish = () => resolve(this.operations);
      setTimeout(() => (this.isRunning = false), seconds * 1000);
      for (const caller of this.callers) caller.start();
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.sockets.map((socket) => socket.close()));
  }

  onAnswers(count: number): void {
    this.operations += count;
    if (!this.isRunning && this.callers.every((caller) => caller.isIdle)) this.finish();
  }

  onFailure(error: Error): void {
    this.failure = error;
    this.reject(error);
  }
}
