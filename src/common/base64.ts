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

const TEXT = /^([A-Za-z0-9+/]*)(={0,2})$/;
/** Where the last group has two characters, or three: those whose bits behind the last byte are zero. */
const LAST_OF_TWO = /[AQgw]$/;
const LAST_OF_THREE = /[AEIMQUYcgkosw048]$/;

/**
 * Bytes of base64 text; null when the text stands for none. In Node they are a Buffer. The padding may
 * be left out, but not be another than RFC 4648 says.
 */
export function fromBase64(text: string): Uint8Array | null {
  const [, digits, padding = ''] = TEXT.exec(text) ?? [];
  if (digits === undefined || !endsWell(digits, padding.length)) return null;
  if (nodeBuffer !== undefined) return nodeBuffer.from(digits, 'base64');
  return Uint8Array.from(atob(digits), (character) => character.charCodeAt(0));
}

function endsWell(digits: string, padding: number): boolean {
  const rest = digits.length % 4;
  if (padding !== 0 && (rest + padding) % 4 !== 0) return false;
  if (rest === 2) return LAST_OF_TWO.test(digits.slice(-1));
  if (rest === 3) return LAST_OF_THREE.test(digits.slice(-1));
  return rest === 0;
}

/** `toBase64(new Uint8Array([1])) // 'AQ=='` */
export function toBase64(bytes: Uint8Array): string {
  if (nodeBuffer !== undefined) return nodeBuffer.from(bytes).toString('base64');
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
