import { posix } from 'node:path';
import { filesOf } from '../new/template.js';
import { checkPluginName } from '../plugin-name.js';

/**
 * Schematics for Nest's own command: `nest g -c dispatcher plugin NAME`, and `provider`, `task` and
 * `source` for parts. A rule is a function over a tree, so that nothing of the devkit is needed here.
 */
interface Tree {
  exists(path: string): boolean;
  create(path: string, text: string): void;
}

interface SchematicOptions {
  readonly name: string;
  /** The folder that it is made in; default the present one. */
  readonly path?: string;
}

type Rule = (tree: Tree) => Promise<void>;
type Schematic = (options: SchematicOptions) => Rule;

export const plugin: Schematic = ({ name, path = '' }) =>
  making(name, { template: 'plugin', folder: posix.join('/', path, name) });

export const provider = part('provider');
export const task = part('task');
export const source = part('source');

function part(kind: string): Schematic {
  return ({ name, path = '' }) =>
    making(name, {
      template: 'parts',
      folder: posix.join('/', path),
      isWanted: (file) => file.endsWith(`.${kind}.ts`),
    });
}

interface Target {
  readonly template: string;
  readonly folder: string;
  readonly isWanted?: (file: string) => boolean;
}

/** @throws (rejects with) UsageError for a name that is none, Error when a file is there already */
function making(name: string, { template, folder, isWanted = () => true }: Target): Rule {
  return async (tree) => {
    const files = await filesOf(template, checkPluginName(name));
    const wanted = files
      .filter(([file]) => isWanted(file))
      .map(([file, text]) => [posix.join(folder, file), text] as const);
    const present = wanted.find(([path]) => tree.exists(path));
    if (present !== undefined)
      throw new Error(`${present[0]} is there already: nothing was written`);
    for (const [path, text] of wanted) tree.create(path, text);
  };
}
