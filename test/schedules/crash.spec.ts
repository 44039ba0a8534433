import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { PlainClient } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';

/** Short in a run of all tests; 50 by hand: SCHEDULE_CRASH_ROUNDS=50. */
const ROUNDS = Number(process.env['SCHEDULE_CRASH_ROUNDS'] ?? 6);
const SPREAD_MS = 1_500;

/** A year is long to wait: the next time is written into the row, to be found by the next life of the server. */
const PLUGIN = `
import { accepts, h, Plugin, Provider, provider, returns, Task, task } from 'dispatcher';
@task('night.count', { executor: 'inline' }) @accepts() @returns(null)
export class Count extends Task { verify() { return []; } run() { return null; } }
@provider('aim') export class Aim extends Provider {
  @accepts(h.integer()) @returns(Boolean) async at(ms: number) {
    const [row] = await this.datastore.query<any>('schedules');
    if (row.firing !== null || row.next_at.getTime() < Date.now() + 86_400_000) return false;
    await this.datastore.update('schedules', row.id, { next_at: new Date(ms) });
    return true;
  }
}
@Plugin({ providers: [Count, Aim] }) export default class {}
`;

it(
  `${ROUNDS} deaths around due times: no time is done twice and none is forgotten`,
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'schedule-crash-'));
    const plugins = await mkdtemp(join(tmpdir(), 'schedule-plugins-'));
    await writeFile(join(plugins, 'night.ts'), PLUGIN);
    const settings = {
      ...{ stateDirectory: directory },
      dispatcher: { 'plugin-dirs': [plugins], frontend: false },
    };
    let server: ServerProcess | null = null;
    let aimed = 0;
    const kill = async (): Promise<void> => {
      const exited = once(server!.child, 'exit');
      server!.child.kill('SIGKILL');
      await exited;
      await rm(server!.directory, { recursive: true, force: true });
    };
    try {
      for (let round = 0; round < ROUNDS; round += 1) {
        server = await ServerProcess.start(settings);
        const client = await PlainClient.loggedIn(server.url);
        if (round === 0) {
          const definition = {
            name: 'night',
            cron: '0 0 1 1 *',
            task: 'night.count',
            catch_up: 'once',
          };
          await client.result('schedule.create', { ...definition, overlap: 'queue' });
        }
        await pause(Math.random() * SPREAD_MS); // a random moment around the time that is due
        // so that it is due about when the next life begins
        const at = Math.round(Date.now() + 1_500 + Math.random() * 2 * SPREAD_MS);
        if (await client.result<boolean>('aim.at', at)) aimed += 1;
        await kill();
      }
      server = await ServerProcess.start(settings);
      const client = await PlainClient.loggedIn(server.url);
      const tasks = () =>
        client.result<{ state: string }[]>('task.query', [['name', '=', 'night.count']]);
      await expect.poll(async () => (await tasks()).length, { timeout: 20_000 }).toBe(aimed);
      await pause(SPREAD_MS);
      expect(await tasks()).toHaveLength(aimed);
      expect(aimed).toBeGreaterThan(ROUNDS / 3);
      await client.close();
    } finally {
      await server?.stop();
      await rm(directory, { recursive: true, force: true });
      await rm(plugins, { recursive: true, force: true });
    }
  },
  60_000 + ROUNDS * 20_000,
);
