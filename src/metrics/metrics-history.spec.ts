import { afterEach, describe, expect, it, vi } from 'vitest';
import { counter, gauge, MetricsHistory, MetricsRegistry } from './index.js';

afterEach(() => vi.useRealTimers());

function historyOf(calls: () => number): MetricsHistory {
  const registry = new MetricsRegistry(vi.fn());
  registry.add({
    collect: () => [
      counter('dispatcher_calls_total', 'calls', calls()),
      {
        name: 'dispatcher_connections',
        help: 'connections',
        type: 'gauge',
        samples: [
          { labels: { of: 'a' }, value: 2 },
          { labels: { of: 'b' }, value: 3 },
        ],
      },
      gauge('process_resident_memory_bytes', 'memory', 7),
    ],
  });
  return new MetricsHistory(registry);
}

describe('the figures of the last hour', () => {
  it('are one every five seconds, added up over labels, no more than an hour of them', () => {
    vi.useFakeTimers();
    let calls = 0;
    const history = historyOf(() => (calls += 1));
    expect(history.samples()).toEqual([]);
    history.start();
    vi.advanceTimersByTime(10_000);
    expect(history.samples()).toMatchObject([
      { calls: 1, events: 0, connections: 5, memory: 7 },
      { calls: 2 },
      { calls: 3 },
    ]);
    vi.advanceTimersByTime(2 * 3_600_000);
    const kept = history.samples();
    expect(kept).toHaveLength(720);
    const [first, last] = [kept[0], kept.at(-1)];
    expect((last?.at.getTime() ?? 0) - (first?.at.getTime() ?? 0)).toBe(719 * 5_000);
    history.stop();
    vi.advanceTimersByTime(60_000);
    expect(history.samples()).toHaveLength(720);
    expect(history.samples().at(-1)).toEqual(last);
  });
});
