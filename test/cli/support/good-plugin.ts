import { HEAD } from './plugin-ground.js';

/** A plugin of the shell that does what plugins do, and some of what they should not. */
export const GOOD = `${HEAD}
@description('Things to try') @namespace('tools')
class Tools extends Namespace {
  @description('Adds') @command() @accepts(h.object({ a: h.integer({ minimum: 0 }), b: h.integer({ default: 40 }) }))
  add({ a, b }: { a: number; b: number }) { return a + b; }
  @command() @params('first', 'second') @accepts(h.string(), h.optional(h.datetime()))
  places(first: string, second: Date | undefined) { return { first, isDate: second instanceof Date, second }; }
  @command() @accepts(h.string()) async asks(name: string, { client }: CommandContext) {
    return client.call('probe.item.query', [[['name', '=', name]], { single: true }]);
  }
  @command() @accepts() async *numbers(_: CommandContext) { for (let n = 0; ; n += 1) yield { n }; }
  @command() @accepts() fails() { throw new CommandError(42, 'not today'); }
  @command() @accepts() succeedsWrongly() { throw new CommandError(0, 'no success'); }
  @command() @accepts() breaks() { const none: any = null; return none.there; }
  @command() @accepts() refused({ client }: CommandContext) { return client.call('probe.nosuch'); }
  @command() @accepts() weird() { throw Object.defineProperty(new Error(), 'message', { get() { throw new Error('deeper'); } }); }
  @command() @accepts() nothing() { throw undefined; }
  @command() @accepts(h.object({ name: h.string(), secret: h.password() })) secret({ secret }: { secret: { reveal(): string } }) { return { length: secret.reveal().length, secret }; }
  @command() @accepts() gives() { return () => 1; }
  @command() @accepts() loops() { const a: any = {}; a.a = a; return a; }
  @command() @accepts() hostile() { return { title: '\\x1b]0;owned\\x07', '\\x1b[2J': 1 }; }
  @command() @accepts() writes({ output }: CommandContext) { output.write('\\x1b[31mred\\n'); output.show(['a\\x1b[2J', 'b']); return null; }
  @command() @accepts() prints() { console.log('into the answer'); process.stdout.write('\\x1b[2J'); return [1]; }
  @command() @accepts() ends() { process.exit(0); }
  @command() @accepts() leaves() { setInterval(() => {}, 1000); setTimeout(() => { throw new Error('much later'); }, 1); return new Promise((go) => setTimeout(() => go('left'), 100)); }
  @command() @accepts() async waits({ signal }: CommandContext) {
    process.stderr.write('waiting');
    await new Promise((_, fail) => signal.addEventListener('abort', () => fail(new Error('heard it'))));
  }
  @command() @accepts() deaf({ output }: CommandContext) { output.write('deaf\\n'); return new Promise(() => {}); }
}
@description('In a namespace of the server') @command({ name: 'twice', in: 'probe.item' }) @accepts(h.integer())
class Twice extends Command { run(n: number) { return n * 2; } }
@description('Numbers them') @stage('numbered') @accepts(h.integer({ default: 1 }))
class Numbered extends Stage {
  async *run(from: number, { rows }: StageContext) {
    let at = from;
    try { for await (const row of rows) yield { at: at++, ...(row as object) }; } finally { console.log('closed'); }
  }
}
export default new CliPlugin({
  description: 'For tests', namespaces: [Tools], commands: [Twice], stages: [Numbered],
  aliases: { sum: 'tools add', first: 'probe item show | limit 1 | get name' },
  formatters: { shout: (value: any) => JSON.stringify(value).toUpperCase() + '\\x1b[2J' },
  columns: { 'probe.item': ['uid', 'name'] },
  notices: { 'probe.*': ({ name }) => 'heard ' + name },
});
`;
