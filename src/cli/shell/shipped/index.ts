/** The plugins that come with the shell: written as anybody would, and loaded when a line speaks of them. */
import type { CliPlugin } from '../../sdk/index.js';
import { BACKUP } from './backup.js';
import { TOP } from './top.js';

interface Shipped {
  readonly name: string;
  readonly from: 'shipped';
  readonly plugin: CliPlugin;
  readonly locate: () => null;
}

const shipped = (name: string, plugin: CliPlugin): Shipped => ({
  name,
  from: 'shipped',
  plugin,
  locate: () => null,
});

export const SHIPPED_PLUGINS: readonly Shipped[] = [shipped('backup', BACKUP), shipped('top', TOP)];
