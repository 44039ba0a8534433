import type { LogRecord } from '../wire/index.js';
import { CrashFolder } from './crash-folder.js';
import type { PluginLocator } from './plugin-locator.js';

export interface CrashReportOptions {
  /** The state folder; the reports are in `crash/` below it. */
  readonly directory: string;
  readonly version: string;
  readonly startedAt: Date;
  readonly locator: PluginLocator;
  readonly recentLines: () => readonly LogRecord[];
}

const LOG_LINES = 100;

/** What an error that nothing caught leaves behind: one JSON file for each, the newest are kept. */
export class CrashReports {
  readonly #folder: CrashFolder;

  constructor(private readonly options: CrashReportOptions) {
    this.#folder = new CrashFolder(options.directory);
  }

  /** Whose error it was, as far as its stack tells; null when that is no plugin's. */
  pluginOf(error: unknown): string | null {
    const stack = error instanceof Error ? (error.stack ?? '') : '';
    return this.options.locator.inStack(stack)?.plugin ?? null;
  }

  /** @returns the file; null when it cannot be written, which must not hide the crash itself */
  write(error: unknown, time = new Date()): string | null {
    const name = `${time.toISOString().replaceAll(':', '-')}-${process.pid}.json`;
    try {
      return this.#folder.add(name, this.#report(error, time));
    } catch {
      return null;
    }
  }

  #report(error: unknown, time: Date): object {
    const { version, startedAt, locator, recentLines } = this.options;
    const given = error instanceof Error ? error : new Error(String(error));
    const stack = given.stack ?? '';
    const place = locator.inStack(stack);
    return {
      time: time.toISOString(),
      version,
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      started_at: startedAt.toISOString(),
      error: { name: given.name, message: given.message, stack: stack.split('\n') },
      plugin: place?.plugin ?? null,
      location: place?.location ?? null,
      memory: process.memoryUsage(),
      log: recentLines().slice(-LOG_LINES),
    };
  }
}
