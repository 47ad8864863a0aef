// Amounts with eight digits behind the point, as BigInt: never a float.

const ONE = 100_000_000n;

export const one = ONE;

/** Units of 1e-8, or null for what is no plain decimal of up to 8 digits. */
export function parse(text) {
  const parts = /^(\d{1,20})(?:\.(\d{1,20}))?$/.exec(text);
  if (!parts) return null;
  const digits = (parts[2] ?? '').replace(/0+$/, '');
  if (digits.length > 8) return null;
  return BigInt(parts[1]) * ONE + BigInt(digits.padEnd(8, '0'));
}

export function format(units) {
  const sign = units < 0n ? '-' : '';
  const size = units < 0n ? -units : units;
  return `${sign}${size / ONE}.${String(size % ONE).padStart(8, '0')}`;
}

/** Rounded down. */
export const times = (a, b) => (a * b) / ONE;
export const over = (a, b) => (a * ONE) / b;
