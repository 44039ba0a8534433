import { afterAll, beforeAll, expect, it } from 'vitest';
import { PluginServer } from '../contract/plugin-server.js';
import { MemoryWatch } from './memory-watch.js';
import { runSoak } from './soak.load.js';
import { MEMORY_PLUGIN, soakPlugin } from './soak.plugin.js';

/** By hand: `SOAK_SECONDS=900 npx vitest run test/load/soak.spec.ts`. */
const SECONDS = Number(process.env['SOAK_SECONDS'] ?? 60);
/** When everything has been used often enough to have its size: three minutes, or a third of less. */
const SETTLED = Math.min(180, SECONDS / 3);
const SPAN = Math.min(20, SECONDS / 10);
/** A short run is compared with a time at which the engine still compiles and its heap still grows. */
const ALLOWED_GROWTH = SECONDS >= 900 ? 1.2 : 1.5;

let server: PluginServer;

beforeAll(async () => {
  server = await PluginServer.start({ 'soak.ts': soakPlugin(0), 'memory.ts': MEMORY_PLUGIN });
});
afterAll(() => server.stop());

it(
  `${SECONDS} s of everything at once: no error, and memory that levels off`,
  { timeout: (SECONDS + 120) * 1_000 },
  async () => {
    const watch = new MemoryWatch(server.process.pid);
    const { errors, ...done } = await runSoak(server, AbortSignal.timeout(SECONDS * 1_000));
    watch.stop();
    const settled = watch.residentAround(SETTLED, SPAN);
    const end = watch.residentAround(SECONDS - SPAN, SPAN);
    const usage = await (await server.admin()).result<NodeJS.MemoryUsage>('memory.usage');
    const mebibytes = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MiB`;
    console.info(
      `${JSON.stringify(done)}; resident ${Math.round(settled)} MiB after ${SETTLED} s, ${Math.round(end)} MiB at the end; ` +
        `heap ${mebibytes(usage.heapUsed)} of ${mebibytes(usage.heapTotal)}, external ${mebibytes(usage.external)}`,
    );
    if (process.env['SOAK_SAMPLES'] !== undefined) console.table(watch.samples);

    expect(errors).toEqual([]);
    for (const count of Object.values(done)) expect(count).toBeGreaterThan(0);
    expect(end).toBeLessThan(settled * ALLOWED_GROWTH);
  },
);
