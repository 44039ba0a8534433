import type { EventHandler } from '../sdk/index.js';

/**
 * Makes a handler see events strictly one after another: the next one is handed over when it has
 * settled with the one before, whether well or badly.
 */
export function oneAtATime(handler: EventHandler): EventHandler {
  let last: Promise<void> = Promise.resolve();
  return (args, name) => {
    const current = last.then(() => handler(args, name));
    last = current.catch(() => undefined); // its failure is the router's to report, by `current`
    return current;
  };
}
