/** DER (X.690), as far as a certificate needs it. */

const LONG_FORM = 0x80;
const BITS = 7;
const LOW_BITS = 0x7f;

function tlv(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < LONG_FORM) return Buffer.from([length]);
  const hex = length.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([LONG_FORM | bytes.length]), bytes]);
}

export const sequence = (...parts: readonly Buffer[]): Buffer => tlv(0x30, ...parts);
export const set = (...parts: readonly Buffer[]): Buffer => tlv(0x31, ...parts);
export const octets = (content: Buffer): Buffer => tlv(0x04, content);
export const utf8 = (text: string): Buffer => tlv(0x0c, Buffer.from(text));
export const yes = (): Buffer => tlv(0x01, Buffer.from([0xff]));
/** `unused` bits at the end belong to nobody. */
export const bits = (content: Buffer, unused = 0): Buffer =>
  tlv(0x03, Buffer.from([unused]), content);

/** Of a number that is not negative: its first bit says so. */
export function integer(bytes: Buffer): Buffer {
  const isNegative = ((bytes[0] ?? 0) & LONG_FORM) !== 0;
  return tlv(0x02, isNegative ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

/** `2.5.29.17` */
export function identifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tlv(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const bytes = [value & LOW_BITS];
  for (let rest = value >> BITS; rest > 0; rest >>= BITS) {
    bytes.unshift((rest & LOW_BITS) | LONG_FORM);
  }
  return bytes;
}

/** Before 2050. */
export function utcTime(when: Date): Buffer {
  const digits = when.toISOString().replace(/[-:T]|\.\d+/g, '');
  return tlv(0x17, Buffer.from(digits.slice(2)));
}

/** A part that is told from its neighbours by a number. */
export const tagged = (number: number, ...parts: readonly Buffer[]): Buffer =>
  tlv(0xa0 | number, ...parts);
export const taggedText = (number: number, content: Buffer): Buffer => tlv(0x80 | number, content);
