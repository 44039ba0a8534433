import { setImmediate } from 'node:timers/promises';
import type { StoredRow } from '../../../sdk/datastore.js';
import type { RowChunks, TextRow } from './messages.js';
import { decodeRow, hasTags } from './storage-format.js';

const CHUNK_LENGTH = 128 * 1024; // about a millisecond of parsing
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Rows as bytes that can be handed to another thread without a copy. */
export function encodeChunks(rows: readonly TextRow[]): Uint8Array<ArrayBuffer>[] {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let parts: string[] = [];
  let length = 0;
  for (const row of rows) {
    const text = rowText(row);
    parts.push(text);
    length += text.length;
    if (length < CHUNK_LENGTH) continue;
    chunks.push(encodeChunk(parts));
    parts = [];
    length = 0;
  }
  return parts.length === 0 ? chunks : [...chunks, encodeChunk(parts)];
}

/** The rows of each chunk; between two the event loop gets its turn. */
export async function* decodeChunks(chunks: RowChunks): AsyncGenerator<StoredRow[]> {
  for (const [index, chunk] of chunks.entries()) {
    if (index > 0) await setImmediate();
    const text = decoder.decode(chunk);
    const rows = JSON.parse(text) as Record<string, unknown>[];
    if (hasTags(text)) rows.forEach(decodeRow);
    yield rows as unknown as StoredRow[];
  }
}

function rowText({ id, doc }: TextRow): string {
  const head = `{"id":${JSON.stringify(id)}`;
  return doc === '{}' ? `${head}}` : `${head},${doc.slice(1)}`;
}

function encodeChunk(parts: readonly string[]): Uint8Array<ArrayBuffer> {
  return encoder.encode(`[${parts.join(',')}]`);
}
