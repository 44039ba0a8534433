import { it } from 'vitest';
import { fileURLToPath } from 'node:url';
import { HostHarness } from './host.harness.js';
it('loads', async () => {
  const h = new HostHarness({ directories: [{ path: fileURLToPath(new URL('../../plugins', import.meta.url)), isShipped: true }, { path: fileURLToPath(new URL('../docs', import.meta.url)), isShipped: false }] });
  const t = performance.now();
  await h.host.start();
  console.log('start ms', performance.now() - t, h.states(), h.log, h.eventSources.entries().map(([n]: [string, unknown]) => n), h.tasks.entries().map(([n]: [string, unknown]) => n));
  for (const m of ['system.info', 'system.hardware', 'system.load', 'system.process.query', 'network.interface.query', 'network.route.query', 'storage.device.query', 'storage.mount.query', 'hosts.query']) console.log(m, JSON.stringify(await h.call(m)).slice(0, 90));
  console.log(await h.call('hosts.get_by_name', 'localhost'), await h.call('system.process.query', [['name', '~', 'node']], { count: true }));
  const t2 = performance.now(); await h.host.reload(); console.log('reload', performance.now() - t2, h.states(), h.log);
  console.log(JSON.stringify(await h.call('system.hardware')));
  await h.host.stop();
});
