import type { StorageCapacity } from '../schemas/storage-mount.schema.js';

/** The figures of statfs(2); the block counts are in units of `blockSize`. */
export interface FileSystemFigures {
  readonly blockSize: number;
  readonly blocks: number;
  readonly freeBlocks: number;
  readonly availableBlocks: number;
  readonly inodes: number;
  readonly freeInodes: number;
}

/** Null for a file system of no blocks: it keeps nothing. */
export function toCapacity(figures: FileSystemFigures): StorageCapacity | null {
  if (figures.blocks <= 0) return null;
  const bytes = (blocks: number): number => Math.max(0, blocks) * figures.blockSize;
  return {
    total_bytes: bytes(figures.blocks),
    used_bytes: bytes(figures.blocks - figures.freeBlocks),
    free_bytes: bytes(figures.freeBlocks),
    available_bytes: bytes(figures.availableBlocks),
    total_inodes: figures.inodes,
    free_inodes: figures.freeInodes,
  };
}

/** What makes `stat --file-system` print the line that {@link parseStatOutput} reads. */
export const STAT_FORMAT = '%S %b %f %a %c %d';

export function parseStatOutput(text: string): FileSystemFigures | null {
  if (!/^\d+(?: -?\d+){5}\n?$/.test(text)) return null;
  const [
    blockSize = 0,
    blocks = 0,
    freeBlocks = 0,
    availableBlocks = 0,
    inodes = 0,
    freeInodes = 0,
  ] = text.trim().split(' ').map(Number);
  return { blockSize, blocks, freeBlocks, availableBlocks, inodes, freeInodes };
}
