import { join } from 'node:path';
import {
  type AtomicSet,
  DEFAULT_METADATA,
  type FileMetadata,
  type RenderedFile,
} from '../../../src/etcd/model/index.js';

export const VARIANTS = ['a', 'b'] as const;
export type Variant = (typeof VARIANTS)[number];

const MIB = 1024 * 1024;

/** Whole contents by file: each of them is one of two at every moment. */
export const CONTENTS: Readonly<Record<string, (variant: Variant) => string>> = {
  big: (variant) => variant.repeat(MIB),
  'set/x': (variant) => `x ${variant}\n`,
  'set/y': (variant) => `y ${variant.repeat(5_000)}\n`,
  'set/z': (variant) => `z ${variant}\n`,
  small: (variant) => `small ${variant}\n`,
};
/** Written into, so that a reader may see a part of it; whole again after a start. */
export const IN_PLACE = 'in-place';
/** There in one variant only. */
export const SOMETIMES = 'sometimes/there';

export function inPlaceContent(variant: Variant): string {
  return `${variant}\n`.repeat(variant === 'a' ? 20_000 : 30_000);
}

export function variantFiles(
  folder: string,
  variant: Variant,
): { readonly files: readonly RenderedFile[]; readonly atomicSets: readonly AtomicSet[] } {
  const file = (
    name: string,
    content: string | null,
    metadata: Partial<FileMetadata> = {},
  ): RenderedFile => ({
    name,
    path: join(folder, 'root', name),
    metadata: { ...DEFAULT_METADATA, ...metadata },
    rendering:
      content === null ? { kind: 'absent' } : { kind: 'content', content: Buffer.from(content) },
    isSensitive: false,
    set: null,
    directory: '/plugins',
  });
  const files = Object.entries(CONTENTS).map(([name, content]) =>
    file(name, content(variant), { validate: name === 'small' ? [['/bin/true']] : [] }),
  );
  return {
    files: [
      ...files,
      file(IN_PLACE, inPlaceContent(variant), { writes: 'in-place' }),
      file(SOMETIMES, variant === 'a' ? 'there' : null),
    ],
    atomicSets: [{ group: 'set', names: ['set/x', 'set/y', 'set/z'] }],
  };
}
