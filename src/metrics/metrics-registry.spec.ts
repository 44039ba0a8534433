import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { MetricsPage } from '../../test/support/metrics-page.js';
import { counter, gauge, MetricsRegistry, ProcessMetrics } from './index.js';

async function pageOf(registry: MetricsRegistry): Promise<MetricsPage> {
  return new MetricsPage((await registry.page()).text);
}

describe('the page of numbers', () => {
  it('shows what each source tells, as another parser reads it', async () => {
    const registry = new MetricsRegistry(vi.fn());
    registry.add({ collect: () => [gauge('a_bytes', 'What "a" \\ is', 1.5)] });
    registry.add({
      collect: () => [
        {
          name: 'b_total',
          help: 'b',
          type: 'counter',
          samples: [{ labels: { of: 'x "y" \\ \n z' }, value: 3 }],
        },
        {
          name: 'c_seconds',
          help: 'c',
          type: 'histogram',
          bounds: [0.1, 1],
          samples: [{ labels: { method: 'm' }, counts: [2, 0, 1], sum: 7.5 }],
        },
      ],
    });
    const { text, contentType } = await registry.page();
    expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
    const page = new MetricsPage(text);
    expect(page.number('a_bytes')).toBe(1.5);
    expect(page.number('b_total')).toBe(3);
    expect(page.typeOf('b_total')).toBe('COUNTER');
    expect(page.histogram('c_seconds', { method: 'm' })).toEqual({
      count: 3,
      sum: 7.5,
      buckets: [2, 2, 3],
    });
    // one line a series, whatever is in a label
    expect(text.split('\n').filter((line) => line.startsWith('b_total'))).toHaveLength(1);
  });

  it('asks each time, and no longer a source that was taken away', async () => {
    const registry = new MetricsRegistry(vi.fn());
    let calls = 0;
    const remove = registry.add({ collect: () => [counter('x_total', 'x', ++calls)] });
    await registry.page();
    expect((await pageOf(registry)).number('x_total')).toBe(2);
    remove();
    expect((await pageOf(registry)).names).toEqual([]);
  });

  it('goes on without a source that fails', async () => {
    const onFailure = vi.fn();
    const registry = new MetricsRegistry(onFailure);
    registry.add({
      collect: () => {
        throw new Error('broken');
      },
    });
    registry.add({ collect: () => [gauge('good', 'good', 1)] });
    expect((await pageOf(registry)).names).toEqual(['good']);
    expect(onFailure).toHaveBeenCalledTimes(1);
  });

  it('cuts a family that grows without end', async () => {
    const registry = new MetricsRegistry(vi.fn());
    const samples = Array.from({ length: 10_000 }, (_, id) => ({
      labels: { id: String(id) },
      value: 1,
    }));
    registry.add({ collect: () => [{ name: 'wild', help: 'wild', type: 'gauge', samples }] });
    expect((await pageOf(registry)).values('wild', 'id')).toHaveLength(5_000);
  });
});

describe('the numbers of the process', () => {
  it('tell of the event loop only while it is watched', async () => {
    const registry = new MetricsRegistry(vi.fn());
    const source = new ProcessMetrics();
    registry.add(source);
    const before = await pageOf(registry);
    expect(before.number('process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect(before.number('process_cpu_seconds_total', { mode: 'user' })).toBeGreaterThan(0);
    expect(before.names).not.toContain('nodejs_eventloop_lag_seconds');

    source.start();
    await vi.waitFor(async () => {
      const end = performance.now() + 60;
      while (performance.now() < end); // holds the event loop
      await delay(40); // its watch looks every 20 ms, if it can
      expect((await pageOf(registry)).number('nodejs_eventloop_lag_max_seconds')).toBeGreaterThan(
        0.03,
      );
    });
    source.stop();
    expect((await pageOf(registry)).names).not.toContain('nodejs_eventloop_lag_max_seconds');
  });
});
