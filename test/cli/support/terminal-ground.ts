import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { PluginServer } from '../../contract/plugin-server.js';
import type { PlainClient } from '../../support/plain-client.js';
import { ShellTerminal, type TerminalOptions } from './shell-terminal.js';
import { TERMINAL_PROBE } from './terminal-probe.js';

/** Of the user rita, who is an administrator. */
export const PASSWORD = 'correct horse battery';

/** A server with the probe, and shells in terminals that end with their test. To be made in a `describe`. */
export class TerminalGround {
  server!: PluginServer;
  client!: PlainClient;
  /** Of the present test: state, cache, and whatever it puts there. */
  folder = '';
  readonly #open: ShellTerminal[] = [];

  constructor() {
    beforeAll(async () => {
      this.server = await PluginServer.start({ 'probe.ts': TERMINAL_PROBE });
      this.client = await this.server.admin();
      const password = { $password: PASSWORD };
      await this.client.result('account.create', { username: 'rita', password, roles: ['admin'] });
    });
    afterAll(() => this.server.stop());
    beforeEach(async () => {
      this.folder = mkdtempSync(join(tmpdir(), 'dispatcher-shell-'));
      await this.client.result('probe.seen');
    });
    afterEach(async () => {
      for (const terminal of this.#open.splice(0)) await terminal.close();
      rmSync(this.folder, { recursive: true });
    });
  }

  /** A shell that waits for its first line. */
  async start({ env, ...more }: TerminalOptions = {}): Promise<ShellTerminal> {
    const terminal = ShellTerminal.start({
      ...more,
      env: {
        DISPATCHER_URL: this.server.process.url,
        XDG_CACHE_HOME: join(this.folder, 'cache'),
        XDG_STATE_HOME: join(this.folder, 'state'),
        ...env,
      },
    });
    this.#open.push(terminal);
    await terminal.prompt();
    return terminal;
  }
}
