import { afterAll, beforeAll, expect, it } from 'vitest';
import { PluginServer } from './plugin-server.js';

const TALKER = `
import { accepts, Plugin, Provider, provider, returns } from 'dispatcher';
@provider('talker') export class TalkerProvider extends Provider {
  @accepts(String) @returns(null)
  say(text: string) { this.logger.warn(text, { password: 'hunter2' }); return null; }
}
@Plugin({ providers: [TalkerProvider] }) export default class {}
`;

let server: PluginServer;

beforeAll(async () => {
  server = await PluginServer.start({ 'talker.ts': TALKER });
});
afterAll(() => server.stop());

it('is followed live, each line as it is written, without the secrets in it', async () => {
  const client = await server.admin('streaming_responses');
  const choice = { component: 'plugin', level: 'warn', tail: 0 };
  client.send('rpc', 'call', 'log', { method: 'log.follow', args: [choice] });
  await client.settled();
  for (const [index, text] of ['one', 'two'].entries()) {
    await client.result('talker.say', text);
    const frame = await client.find(
      ({ id, name, args }) =>
        id === 'log' && name === 'fragment' && (args as { seqno: number }).seqno === index + 1,
    );
    expect(frame.args).toMatchObject({
      fragment: [{ level: 'warn', component: 'plugin', message: text }],
    });
    expect(JSON.stringify(frame.args)).not.toContain('hunter2');
    client.send('rpc', 'continue', 'log', index + 2);
  }
  client.send('rpc', 'abort', 'log', null);
  await client.find(({ id, name }) => id === 'log' && name === 'close');
});

it('gives its latest lines, of a level and a component', async () => {
  const client = await server.admin();
  await client.result('talker.say', 'three');
  const lines = await client.result<{ message: string }[]>('log.recent', {
    component: 'plugin',
    level: 'warn',
    tail: 1,
  });
  expect(lines.map(({ message }) => message)).toEqual(['three']);
});

it('is for administrators', async () => {
  const stranger = await server.stranger();
  expect(await stranger.call('log.recent')).toMatchObject({ args: { name: 'EACCES' } });
});
