import { leastLength } from '../common/index.js';
import { rowsTooLarge } from './driver.js';

/** Batches whose rows somebody holds: stops its source at more than so many bytes. */
export async function* boundBatches<Row>(
  batches: AsyncIterable<readonly Row[]>,
  maxBytes: number,
): AsyncGenerator<readonly Row[]> {
  let left = maxBytes;
  for await (const batch of batches) {
    for (const row of batch) {
      left -= leastLength(row, left);
      if (left < 0) throw rowsTooLarge(maxBytes);
    }
    yield batch;
  }
}

/** Offset and limit over batches of rows; stops its source when the limit is reached. */
export async function* cutBatches<Row>(
  batches: AsyncIterable<readonly Row[]>,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): AsyncGenerator<readonly Row[]> {
  let toSkip = offset;
  let left = limit;
  if (left <= 0) return;
  for await (const batch of batches) {
    const rows = batch.slice(toSkip, toSkip + left);
    toSkip -= Math.min(toSkip, batch.length);
    left -= rows.length;
    yield rows;
    if (left <= 0) return;
  }
}
