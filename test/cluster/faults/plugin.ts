/**
 * A plugin whose tasks write down when they began and ended, by the clock that all processes of a machine
 * share: whether two of them overlapped is read from the file, whatever the nodes say of them.
 */
export const INTERVALS_PLUGIN = `
import { appendFileSync } from 'node:fs';
import { accepts, description, Dispatcher, h, Plugin, returns, Task, task } from 'dispatcher';

@description('Holds a resource for some milliseconds and writes down when') @task('intervals.hold')
@accepts(String, h.integer(), String) @returns(h.integer())
export class Hold extends Task {
  verify(resource) { return [resource]; }
  async run(resource, ms, file) {
    const note = (what) => appendFileSync(file, JSON.stringify({
      what, task: this.id, resource, at: Number(process.hrtime.bigint() / 1000000n), pid: process.pid,
    }) + '\\n');
    note('begin');
    await new Promise((resolve) => setTimeout(resolve, ms));
    note('end');
    return ms;
  }
}

@Plugin({ providers: [Hold] })
export default class IntervalsPlugin {
  constructor(private readonly dispatcher: Dispatcher) {}
  async init() {
    for (const name of ['a', 'b', 'c']) await this.dispatcher.registerResource('mark:' + name, { scope: 'all' });
  }
}
`;

export const RESOURCES = ['mark:a', 'mark:b', 'mark:c'] as const;

/** A line of the file. */
export interface Mark {
  readonly what: 'begin' | 'end';
  readonly task: number;
  readonly resource: string;
  /** Milliseconds of the machine's steady clock. */
  readonly at: number;
  readonly pid: number;
}
