/** A number as it is written: `digits` times ten to the power of `exponent`. */
interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

/**
 * Whether a number is a multiple of another, both taken as the decimals that people write: 19.99 is
 * 1999 times 0.01, although neither is that in binary. Exact, so that 19.995 is none, however near.
 *
 * @example
 * isMultipleOf(1.15, 0.01); // true, while 1.15 % 0.01 is 0.0099...
 */
export function isMultipleOf(value: number | bigint, divisor: number): boolean {
  if (typeof value === 'number' && Number.isSafeInteger(value) && Number.isSafeInteger(divisor)) {
    return value % divisor === 0;
  }
  if (typeof value === 'number' && !Number.isFinite(value)) return false;
  const a = toDecimal(value);
  const b = toDecimal(divisor);
  if (a.digits === 0n) return true;
  const shift = a.exponent - b.exponent;
  return shift >= 0
    ? (a.digits * 10n ** BigInt(shift)) % b.digits === 0n
    : a.digits % (b.digits * 10n ** BigInt(-shift)) === 0n;
}

/** Of the shortest text that stands for the number, which is the one it was most likely written as. */
function toDecimal(value: number | bigint): Decimal {
  const [mantissa = '', power = '0'] = String(value).split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(power) - fraction.length };
}
