/** A plugin for tests of the shell: calls, an entity with tasks, a stream, tasks, events; it tells what it was asked. */
export const SHELL_PROBE = `
import { accepts, description, Errno, generator, h, Plugin, Provider, provider, query, queryArray, requireRoles, returns, Task, task, TaskException } from 'dispatcher';

type Row = { name: string; uid: number; tags: string[]; at: Date; kind?: string; secret?: unknown };
const rows: Row[] = Array.from({ length: 20 }, (_, n) => ({ uid: n, name: 'n' + n, tags: ['x'], at: new Date(n * 86_400_000) }));
const asked: unknown[] = [];
let drip: () => void = () => undefined;
const ROW = h.object({ name: h.string(), uid: h.integer(), tags: h.array(String), at: h.datetime(), kind: h.optional(h.enumOf(['hot', 'cold'])) });
const find = (name: string): Row => {
  const row = rows.find((one) => one.name === name);
  if (row === undefined) throw new TaskException(Errno.ENOENT, 'No item ' + name);
  return row;
};

@provider('probe') @description('For tests')
export class Probe extends Provider {
  @description('Adds two numbers') @accepts(h.integer(), h.integer()) @returns(h.integer())
  add(a: number, b: number) { asked.push(['add', a, b]); return a + b; }
  @accepts(h.any()) @returns(h.any())
  echo(value: unknown) { return value; }
  @accepts() @returns(h.any())
  listPlain() { return rows.map(({ uid, name }) => ({ n: uid, name })); }
  @accepts() @returns(h.any())
  exact() { return { int: 7, none: null, text: '1', long: 2n ** 60n, at: new Date(0), nested: [{ a: 1 }] }; }
  @accepts() @returns(h.any())
  hostile() { return [{ title: '\\x1b]0;owned\\x07', wide: '日本語の長い名前がここに続いていきます'.repeat(3) }]; }
  @accepts() @returns(h.any())
  seen() { return asked.splice(0); }
  @accepts(h.integer()) @returns(h.array(h.any())) @generator()
  async *many(count: number) { for (let n = 0; n < count; n += 1) yield { n, name: 'row ' + n }; }
  @accepts() @returns(h.array(h.any())) @generator()
  async *trickle() { yield { which: 'first' }; await new Promise<void>((go) => { drip = go; }); yield { which: 'second' }; }
  @accepts() @returns(h.array(h.any())) @generator()
  async *steady() { for (let n = 0; ; n += 1) { yield n < 150 ? { n } : { n, late: n }; await new Promise((go) => setTimeout(go, 20)); } }
  @accepts() @returns(null)
  drip() { drip(); return null; }
  @accepts(h.object({ password: h.password(), note: h.optional(h.string()), size: h.optional(h.integer()) })) @returns(h.any())
  login(given: { note?: string }) { return { note: given.note ?? null }; }
  @accepts() @returns(null) @requireRoles('admin')
  forAdmins() { return null; }
}
@provider('probe.item') @description('Things')
export class Item extends Provider {
  @query(ROW) query(filter: any, params: any) { asked.push([filter ?? null, params ?? null]); return queryArray(rows, filter, params); }
  @accepts(h.string(), h.string()) @returns(null)
  rename(name: string, to: string) { find(name).name = to; return null; }
}
@task('probe.item.create', { executor: 'inline' }) @description('Makes an item')
@accepts(h.object({ name: h.string(), uid: h.integer({ default: 100 }), tags: h.array(String, { default: [] }), secret: h.optional(h.password()) })) @returns(h.string())
export class Create extends Task {
  verify() { return []; }
  async run({ name, uid, tags }: Row) { rows.push({ name, uid, tags, at: new Date(0) }); return name; }
}
@task('probe.item.update', { executor: 'inline' }) @accepts(h.string(), h.object({ uid: h.optional(h.integer()), tags: h.optional(h.array(String)) })) @returns(null)
export class Update extends Task {
  verify() { return []; }
  async run(name: string, changes: Partial<Row>) { asked.push(['update', name, changes]); Object.assign(find(name), changes); return null; }
}
@task('probe.item.delete', { executor: 'inline' }) @accepts(h.string()) @returns(null)
export class Delete extends Task {
  verify() { return []; }
  async run(name: string) { rows.splice(rows.indexOf(find(name)), 1); return null; }
}
@task('probe.slow', { executor: 'inline' }) @accepts(h.number()) @returns(h.any())
export class Slow extends Task {
  verify() { return []; }
  async run(seconds: number) {
    for (let n = 0; n <= 10; n += 1) {
      this.setProgress(n * 10, 'step ' + n);
      await new Promise<void>((go, fail) => {
        const timer = setTimeout(go, seconds * 100);
        this.signal.addEventListener('abort', () => { clearTimeout(timer); fail(new Error('stopped')); });
      });
    }
    return { slept: seconds };
  }
}
@task('probe.fail', { executor: 'inline' }) @accepts() @returns(null)
export class Fail extends Task {
  verify() { return []; }
  async run(): Promise<null> { throw new TaskException(Errno.EBUSY, 'The disk is busy'); }
}
@Plugin({ providers: [Probe, Item, Create, Update, Delete, Slow, Fail] }) export default class {}
`;
