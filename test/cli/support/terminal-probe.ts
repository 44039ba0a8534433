/** What the shell is tried on by somebody at a terminal: slow rows, tasks that wait, a password, an event. */
export const TERMINAL_PROBE = `
import { accepts, description, Dispatcher, Errno, h, Plugin, Provider, provider, query, queryArray, returns, Task, task, TaskException } from 'dispatcher';

type Row = { name: string; uid: number };
const rows: Row[] = ['n1', 'n2', 'other'].map((name, uid) => ({ name, uid }));
const ROW = h.object({ name: h.string(), uid: h.integer() });
let delayMs = 0;
const asked: unknown[] = [];

@provider('probe') @description('For tests')
export class Probe extends Provider {
  @description('Adds two numbers') @accepts(h.integer({ description: 'one' }), h.integer()) @returns(h.integer())
  add(a: number, b: number) { asked.push('add'); return a + b; }
  @accepts(h.enumOf(['hot', 'cold'])) @returns(h.any())
  choose(kind: string) { asked.push('choose'); return kind; }
  @accepts(h.integer()) @returns(null)
  delay(ms: number) { delayMs = ms; return null; }
  @accepts() @returns(h.any())
  seen() { return asked.splice(0); }
  @accepts(h.integer()) @returns(h.any())
  many(count: number) { return Array.from({ length: count }, (_, n) => ({ n })); }
  @accepts() @returns(h.any())
  wide() { return [1, 2].map((n) => ({ n, text: '漢字かな'.repeat(20), more: 'x'.repeat(50), last: '👩‍👩‍👧'.repeat(9) })); }
  @accepts() @returns(h.any())
  never() { return new Promise(() => {}); }
  @accepts() @returns(String)
  hostile() { return '\\x1b]0;owned\\x07'; }
  @accepts(h.object({ user: h.string(), password: h.password() })) @returns(h.any())
  login(given: { user: string }) { return given.user; }
}
@provider('probe.item') @description('Things')
export class Item extends Provider {
  @query(ROW)
  async query(filter: any, params: any) {
    asked.push('query');
    await new Promise((go) => setTimeout(go, delayMs));
    return queryArray(rows, filter, params);
  }
}
@task('probe.item.create', { executor: 'inline' }) @accepts(h.object({ name: h.string(), uid: h.integer({ default: 100 }) })) @returns(h.string())
export class Create extends Task {
  verify() { return []; }
  async run({ name, uid }: Row) { asked.push('create'); rows.push({ name, uid }); return name; }
}
@task('probe.item.delete', { executor: 'inline' }) @accepts(h.string()) @returns(null)
export class Delete extends Task {
  verify() { return []; }
  async run(name: string) { asked.push('delete'); rows.splice(rows.findIndex((row) => row.name === name), 1); return null; }
}
async function steps(task: Task & { signal: AbortSignal; setProgress: any }, seconds: number) {
  for (let n = 0; n <= 10; n += 1) {
    task.setProgress(n * 10, 'step ' + n);
    await new Promise<void>((go, fail) => {
      const timer = setTimeout(go, seconds * 100);
      task.signal.addEventListener('abort', () => { clearTimeout(timer); fail(new Error('stopped')); });
    });
  }
}
@task('probe.slow', { executor: 'inline' }) @description('Takes its time') @accepts(h.number()) @returns(h.any())
export class Slow extends Task {
  verify() { return []; }
  async run(seconds: number) { await steps(this as any, seconds); return { slept: seconds }; }
}
@task('probe.say', { executor: 'inline' }) @description('Has much to say') @accepts(h.number()) @returns(null)
export class Say extends Task {
  verify() { return []; }
  async run(seconds: number): Promise<null> {
    this.setProgress(50, '漢字かな'.repeat(20));
    await new Promise((go) => setTimeout(go, seconds * 1000));
    return null;
  }
}
@task('probe.hold', { executor: 'inline' }) @description('Has the disk for itself') @accepts(h.number()) @returns(h.any())
export class Hold extends Task {
  verify() { return ['probe-disk']; }
  async run(seconds: number) { await steps(this as any, seconds); return { held: seconds }; }
}
@task('probe.fail', { executor: 'inline' }) @accepts() @returns(null)
export class Fail extends Task {
  verify() { return []; }
  async run(): Promise<null> { throw new TaskException(Errno.EBUSY, 'The disk is busy'); }
}
@task('probe.warn', { executor: 'inline' }) @accepts(h.number()) @returns(null)
export class Warn extends Task {
  verify() { return []; }
  async run(seconds: number): Promise<null> {
    this.addWarning(Errno.ENOSPC, 'Nearly \\x1b[2J full');
    await steps(this as any, seconds);
    this.addWarning(Errno.ENOSPC, 'Quite full');
    return null;
  }
}
@Plugin({ providers: [Probe, Item, Create, Delete, Slow, Say, Hold, Fail, Warn] }) export default class {
  constructor(private readonly dispatcher: Dispatcher) {}
  async init() { await this.dispatcher.registerResource('probe-disk'); }
}
`;
