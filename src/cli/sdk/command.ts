import { type CommandOptions, mark, pathOf } from './marks.js';

/** A command by itself; its class says by `@command` what it is called and where it is. */
export abstract class Command {
  /**
   * Is given the arguments that `@accepts` names, then a CommandContext. What it returns is shown: a value, a
   * list, or rows that come one by one. `CommandError` says with which status it ends.
   */
  abstract run(...args: never[]): unknown;
}

/**
 * Makes a method of a Namespace a command of it, or a class that extends Command one of the namespace that
 * `in` names.
 *
 * @example
 * @description('Adds numbers') @command() @accepts(h.object({ a: h.integer(), b: h.integer() }))
 * add({ a, b }: { a: number; b: number }) { return a + b; }
 */
export function command(options: CommandOptions = {}) {
  return (target: object, key?: string | symbol): void => {
    if (key === undefined) {
      const { in: path = '', ...rest } = options;
      mark(target, ({ commands = [] }) => ({
        commands: [...commands, { ...rest, method: null, path: pathOf(path) }],
      }));
      return;
    }
    mark(target.constructor, ({ commands = [] }) => ({
      commands: [...commands, { ...options, method: String(key), path: [] }],
    }));
  };
}
