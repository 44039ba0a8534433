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
