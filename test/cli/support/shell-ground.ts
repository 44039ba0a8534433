import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { PluginServer } from '../../contract/plugin-server.js';
import { type CliOptions, type Ended, runCli, SHELL } from './run-cli.js';
import { SHELL_PROBE } from './shell-probe.js';

/** A server with things to play with, for the file of tests, and shells in processes of their own. */
export class ShellGround {
  #server: PluginServer | null = null;
  #folder = '';

  constructor(
    private readonly plugins: Readonly<Record<string, string>> = { 'probe.ts': SHELL_PROBE },
  ) {
    vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
    beforeAll(async () => {
      this.#folder = mkdtempSync(join(tmpdir(), 'dispatcher-shell-'));
      this.#server = await PluginServer.start(this.plugins);
    });
    afterAll(async () => {
      await this.#server?.stop();
      rmSync(this.#folder, { recursive: true });
    });
  }

  get server(): PluginServer {
    return this.#server!;
  }

  get folder(): string {
    return this.#folder;
  }

  options({ env, ...more }: CliOptions = {}): CliOptions {
    const own = {
      DISPATCHER_URL: this.server.process.url,
      XDG_CACHE_HOME: join(this.folder, 'cache'),
    };
    return { ...more, program: SHELL, env: { ...own, ...env } };
  }

  run(words: readonly string[], more?: CliOptions): Promise<Ended> {
    return runCli(words, this.options(more));
  }

  /** `dispatcher-cli -e` */
  line(text: string, ...flags: string[]): Promise<Ended> {
    return this.run(['-e', text, ...flags]);
  }

  /** What a line gives, which has to succeed. */
  async answer(text: string): Promise<unknown> {
    const { status, stdout, stderr } = await this.line(text, '--json');
    expect([status, stderr]).toEqual([0, '']);
    return JSON.parse(stdout) as unknown;
  }

  file(name: string, content: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, content);
    return path;
  }
}
