/** As much of Node's Buffer as is needed; a browser has none. */
interface NodeBuffer {
  from(
    data: string | Uint8Array,
    encoding?: 'base64',
  ): Uint8Array & {
    toString(encoding: 'base64'): string;
  };
}

// Node's own where there is one: it is far faster, and code of plugins gets the Buffer it expects.
const { Buffer: nodeBuffer } = globalThis as { Buffer?: NodeBuffer };

/** Bytes of base64 text; null when the text stands for none. In Node they are a Buffer. */
export function fromBase64(text: string): Uint8Array | null {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  if (nodeBuffer !== undefined) return nodeBuffer.from(text, 'base64');
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null; // a single character too many
  }
}

/** `toBase64(new Uint8Array([1])) // 'AQ=='` */
export function toBase64(bytes: Uint8Array): string {
  if (nodeBuffer !== undefined) return nodeBuffer.from(bytes).toString('base64');
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
