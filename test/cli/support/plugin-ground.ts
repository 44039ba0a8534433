import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ShellGround } from './shell-ground.js';

export const HEAD = `
import { accepts, description, h, params } from 'dispatcher';
import { CliPlugin, Command, CommandError, command, completes, Namespace, namespace, Stage, stage } from 'dispatcher/cli';
import type { CommandContext, StageContext } from 'dispatcher/cli';
`;

/** A configuration with a folder of plugins, made for one test. */
export class PluginFolder {
  readonly path: string;
  readonly #configuration: string;

  constructor(
    ground: ShellGround,
    files: Readonly<Record<string, string>>,
    cli: Readonly<Record<string, unknown>> = {},
  ) {
    const folder = mkdtempSync(join(ground.folder, 'plugins-'));
    this.path = join(folder, 'plugins');
    mkdirSync(this.path);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.path, name), text);
    this.#configuration = join(folder, 'middleware.conf');
    const section = { 'plugin-dirs': [this.path], ...cli };
    writeFileSync(this.#configuration, JSON.stringify({ cli: section }));
  }

  get env(): Readonly<Record<string, string>> {
    return { DISPATCHER_CONFIG: this.#configuration };
  }

  chmod(mode: number, name = '.'): void {
    chmodSync(join(this.path, name), mode);
  }
}
