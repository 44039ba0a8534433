import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HostProcess, HostProject } from '../support/host-project.js';
import { PlainClient } from '../support/plain-client.js';

const EXAMPLE = fileURLToPath(new URL('../../examples/host-application', import.meta.url));

let project: HostProject;
let host: HostProcess;

beforeAll(async () => {
  project = await HostProject.create();
  await project.link();
  await project.compile(EXAMPLE);
  host = await project.start({ PORT: '0', DISPATCHER_PORT: '0', REPORT_MS: '200' });
});
afterAll(async () => {
  await host.stop();
  await project.remove();
});

describe('the example of a host application', () => {
  it('answers HTTP as itself and calls as a dispatcher, over the same service', async () => {
    const client = await PlainClient.loggedIn(host.address('ws'));
    const http = host.address('http');
    expect(await client.result('stock.count', 'bolt')).toBe(40);
    expect(await (await fetch(`${http}/stock/bolt`)).json()).toEqual({ count: 40 });

    client.send('events', 'subscribe', null, ['stock.changed']);
    await client.settled();
    const post = (headers: Record<string, string>) =>
      fetch(`${http}/stock/bolt`, { method: 'POST', headers });
    expect((await post({})).status).toBe(403); // the global guard
    expect((await post({ authorization: 'Bearer secret' })).status).toBe(201);
    expect(await client.find(({ name }) => name === 'event')).toMatchObject({
      args: { name: 'stock.changed', args: { part: 'bolt', count: 41 } },
    });
    expect(await client.result('stock.count', 'bolt')).toBe(41);
    await client.close();
  });

  it('has jobs whose events clients hear', async () => {
    const client = await PlainClient.loggedIn(host.address('ws'));
    client.send('events', 'subscribe', null, ['stock.report']);
    expect(await client.find(({ name }) => name === 'event')).toMatchObject({
      args: { name: 'stock.report', args: { bolts: 41 } },
    });
    await client.close();
  });

  it('is asked by another application, which answers with a status', async () => {
    const env = { PORT: '0', DISPATCHER_URL: host.address('ws') };
    const reader = await project.start(env, 'reader/main.js');
    const get = async (path: string) => {
      const response = await fetch(`${reader.address('http')}${path}`);
      return [response.status, await response.json()] as const;
    };
    expect(await get('/parts/bolt')).toEqual([200, { count: 41 }]);
    expect(await get('/parts/nut')).toMatchObject([404, { message: 'There is no part nut' }]);
    expect(await get('/health')).toEqual([200, { dispatcher: { status: 'up' } }]);
    expect(await reader.stop()).toBe(0);
  });

  it('keeps its own routes: nothing of the dispatcher answers on its port', async () => {
    for (const path of ['/', '/healthz', '/metrics', '/schema.json']) {
      expect((await fetch(host.address('http') + path)).status, path).toBe(404);
    }
  });

  it('lends a service that survives a reload of the plugin', async () => {
    const client = await PlainClient.loggedIn(host.address('ws'));
    await client.result('management.reload_plugins', ['stock']);
    expect(await client.result('stock.count', 'bolt')).toBeGreaterThan(0);
    await client.close();
  });

  it('ends by itself once the application is closed, plugins first, clients told', async () => {
    const client = await PlainClient.loggedIn(host.address('ws'));
    expect(await host.stop()).toBe(0);
    expect((await client.closed).code).toBe(1001);
    expect(host.output.at(-1)).toBe('the plugin leaves 41 bolts'); // and no job fails after that
  });
});
