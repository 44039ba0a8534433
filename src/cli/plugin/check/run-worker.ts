import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** As `plugin-tools` reports it; only what is shown is named. */
export interface CheckedPlugin {
  readonly plugin: {
    readonly name: string;
    readonly directory: string;
    readonly state: string;
    readonly stage?: string;
    readonly error?: string;
    readonly depends: readonly string[];
  };
  readonly providers: readonly {
    readonly name: string;
    readonly methods: readonly {
      readonly name: string;
      readonly 'params-schema'?: { readonly items: readonly object[] };
      readonly 'result-schema'?: object;
    }[];
  }[];
  readonly tasks: readonly { readonly name: string; readonly executor: string }[];
  readonly sources: readonly string[];
  readonly events: readonly { readonly name: string; readonly event_schema: object | null }[];
  readonly schemas: readonly string[];
  readonly hooks: readonly string[];
  readonly resources: readonly string[];
  readonly warnings: readonly string[];
}

export type CheckAnswer = { readonly report: CheckedPlugin } | { readonly failure: string };

const WORKER = join(fileURLToPath(import.meta.url), '../../../../plugin-tools/check.worker.js');

/**
 * Loads the plugin in a process of its own, which is gone when this resolves, whatever the plugin has
 * started. What the plugin prints goes to `notices`.
 */
export function runWorker(
  options: object,
  { timeoutMs, notices }: { readonly timeoutMs: number; readonly notices: Writable },
): Promise<CheckAnswer> {
  return new Promise((resolve) => {
    const child = fork(WORKER, [JSON.stringify(options)], {
      // a group of its own: what the plugin started ends with it
      detached: true,
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    child.stdout?.pipe(notices, { end: false });
    child.stderr?.pipe(notices, { end: false });
    const settle = (answer: CheckAnswer): void => {
      clearTimeout(timer);
      process.off('exit', end);
      end();
      resolve(answer);
    };
    const end = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // it has ended
      }
    };
    process.on('exit', end);
    const timer = setTimeout(
      () =>
        settle({
          failure: `did not load within ${timeoutMs / 1_000} s: it computes or waits for ever`,
        }),
      timeoutMs,
    );
    child.on('message', (answer) => settle(answer as CheckAnswer));
    child.on('error', (error) => settle({ failure: error.message }));
    child.on('exit', (status, signal) =>
      settle({
        failure: `ended the process while it was loaded (${signal ?? `status ${String(status)}`})`,
      }),
    );
  });
}
