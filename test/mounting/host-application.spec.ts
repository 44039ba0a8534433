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
  host = await project.start({ PORT: '0', DISPATCHER_PORT: '0' });
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

    client.send('events', 'subscribe', null, ['stock.*']);
    await client.settled();
    await fetch(`${http}/stock/bolt`, { method: 'POST' });
    expect(await client.find(({ name }) => name === 'event')).toMatchObject({
      args: { name: 'stock.changed', args: { part: 'bolt', count: 41 } },
    });
    expect(await client.result('stock.count', 'bolt')).toBe(41);
    await client.close();
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
    expect(host.output.at(-1)).toBe('the plugin leaves 41 bolts');
  });
});
