/** A plugin with a bit of everything that a command line may meet. */
export const PROBE = `
import { accepts, description, Errno, generator, h, Plugin, Provider, provider, requireRoles, returns, Task, task, TaskException } from 'dispatcher';

@provider('probe') @description('For tests')
export class Probe extends Provider {
  @description('Adds two numbers') @accepts(h.integer(), h.integer()) @returns(h.integer())
  add(a: number, b: number) { return a + b; }
  @description('Gives back what it got') @accepts(h.any()) @returns(h.any())
  echo(value: unknown) { return value; }
  @accepts(h.object({
    when: h.optional(h.datetime()), secret: h.optional(h.password()), kind: h.optional(h.enumOf(['hot', 'cold'])),
    enabled: h.optional(h.boolean()), tags: h.optional(h.array(String)), note: h.optional(h.string({ description: 'for people' })), bytes: h.optional(h.binary()),
  })) @returns(h.any())
  typed(given: unknown) { return given; }
  @accepts() @returns(h.any())
  exact() { return { int: 7, none: null, text: '1', long: 2n ** 60n, at: new Date(0), nested: [{ a: 1 }] }; }
  @accepts() @returns(h.any())
  hostile() { return [{ title: '\\x1b]0;owned\\x07', wide: '\\u202e日本語の長い名前がここに続いていきます', ['k\\x1b[2J']: '\\x9b31m' }]; }
  @accepts() @returns(String)
  hostileText() { return '\\x1b]0;owned\\x07'; }
  @accepts() @returns(h.any())
  hostileError() { throw new TaskException(Errno.EBUSY, 'no\\x1b[2J\\nfaked: line'); }
  @accepts(h.integer()) @returns(h.any())
  many(count: number) { return Array.from({ length: count }, (_, n) => ({ n, name: 'name '.repeat(10) + n })); }
  @accepts() @returns(h.array(h.any())) @generator()
  async *endless() { for (let n = 0; ; n += 1) { yield { n }; await new Promise((go) => setTimeout(go, 5)); } }
  @accepts() @returns(h.any())
  never() { return new Promise(() => {}); }
  @accepts() @returns(null) @requireRoles('admin')
  forAdmins() { return null; }
}
@task('probe.slow', { executor: 'inline' }) @description('Takes its time') @accepts(h.object({ seconds: h.number() })) @returns(h.any())
export class Slow extends Task {
  verify() { return []; }
  async run({ seconds }: { seconds: number }) {
    for (let n = 0; n <= 20; n += 1) {
      this.setProgress(n * 5, 'step ' + n);
      await new Promise<void>((go, fail) => {
        const timer = setTimeout(go, seconds * 50);
        this.signal.addEventListener('abort', () => { clearTimeout(timer); fail(new Error('stopped')); });
      });
    }
    return { slept: seconds };
  }
}
@task('probe.fail', { executor: 'inline' }) @accepts() @returns(null)
export class Fail extends Task {
  verify() { return []; }
  async run(): Promise<null> { throw new TaskException(Errno.EACCES, 'The disk is locked'); }
}
@Plugin({ providers: [Probe, Slow, Fail] }) export default class {}
`;
