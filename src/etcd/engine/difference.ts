import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';

const CONTEXT_LINES = 3;
const MAX_DIFF_BYTES = 64 * 1024;
const TIMEOUT_MS = 500;

/**
 * What differs between two contents, as `diff -u` writes it; of what is no text or takes too long, that
 * it differs.
 */
export function difference(
  path: string,
  before: Uint8Array | null,
  after: Uint8Array | null,
): string {
  const [old, now] = [textOf(before), textOf(after)];
  if (old === null || now === null) return `Binary files differ: ${path}\n`;
  const from = before === null ? '/dev/null' : path;
  const to = after === null ? '/dev/null' : path;
  const patch = createTwoFilesPatch(from, to, old, now, undefined, undefined, {
    context: CONTEXT_LINES,
    timeout: TIMEOUT_MS,
    headerOptions: FILE_HEADERS_ONLY,
  });
  if (patch === undefined) return `Files differ too much to be compared: ${path}\n`;
  return shortened(patch);
}

function textOf(content: Uint8Array | null): string | null {
  if (content === null) return '';
  if (content.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return null;
  }
}

function shortened(patch: string): string {
  if (Buffer.byteLength(patch) <= MAX_DIFF_BYTES) return patch;
  const cut = Buffer.from(patch).subarray(0, MAX_DIFF_BYTES - 64);
  const text = cut.toString('utf8');
  return `${text.slice(0, text.lastIndexOf('\n') + 1)}… (the rest is left out)\n`;
}
