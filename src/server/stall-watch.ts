import type { EventRouter } from '../events/index.js';
import { type Stall, StallDetector } from '../diagnostics/index.js';
import type { PluginLocator } from '../diagnostics/index.js';
import type { Logger } from '../sdk/index.js';

/** Clients begin to notice; the garbage collector and a busy machine stay below it. */
const THRESHOLD_MS = 500;

/** Says in the log and by an event whose code held up the event loop. */
export function watchForStalls(parts: {
  readonly events: Pick<EventRouter, 'publish'>;
  readonly logger: Logger;
  readonly locator: PluginLocator;
}): StallDetector {
  const { events, logger, locator } = parts;
  return new StallDetector({
    thresholdMs: THRESHOLD_MS,
    locator,
    onStall: (stall) => {
      const { durationMs, isMachine: _, ...culprit } = stall;
      const who = describe(stall);
      logger.warn(`The event loop was held up for ${durationMs} ms by ${who}`, {
        ...culprit,
        duration_ms: durationMs,
      });
      const description = `Nobody was answered for ${durationMs} ms because of ${who}`;
      events.publish('server.stalled', { ...culprit, duration: durationMs / 1_000, description });
    },
  });
}

function describe({ plugin, method, location, isMachine }: Stall): string {
  if (isMachine) return 'the machine, which gave it no time to run in';
  const who = plugin === null ? (method ?? 'something that could not be seen') : `plugin ${plugin}`;
  const where = plugin === null || method === null ? '' : `, ${method}`;
  const at = location === null ? '' : ` (${location})`;
  return `${who}${where}${at}`;
}
