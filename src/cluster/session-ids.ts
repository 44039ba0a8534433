/** A number in the datastore that is counted up; no two get the same. */
export interface SharedCounter {
  increment(counter: string, by: number): Promise<number>;
}

/** Numbers of sessions, given without waiting; no node gives one that another gave. */
export abstract class SessionIds {
  /** Goes on after the highest number that is stored; called once, before the first is asked for. */
  abstract begin(highest: number, counter: SharedCounter): Promise<void>;
  /** @throws RpcException EIO when more are asked for than the datastore could be asked for in time */
  abstract next(): number;
}
