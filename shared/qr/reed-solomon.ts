/** Reed-Solomon over GF(2^8) with the polynomial 0x11D, as QR codes use it (ISO/IEC 18004, 7.5.2 and annex A). */
const exponents = new Uint8Array(255);
const logarithms = new Uint8Array(256);
for (let power = 0, value = 1; power < 255; power += 1) {
  exponents[power] = value;
  logarithms[value] = power;
  value = (value << 1) ^ (value >= 128 ? 0x11d : 0);
}

/** The product of two elements of the field. */
export function multiply(one: number, other: number): number {
  if (one === 0 || other === 0) return 0;
  return exponents[((logarithms[one] ?? 0) + (logarithms[other] ?? 0)) % 255] ?? 0;
}

/** The codewords that correct errors in these data: the remainder of their division by the generator of this degree. */
export function correctionOf(data: Uint8Array, degree: number): Uint8Array {
  const generator = generatorOf(degree);
  const remainder = new Uint8Array(degree);
  for (const byte of data) {
    const factor = byte ^ (remainder[0] ?? 0);
    remainder.copyWithin(0, 1);
    remainder[degree - 1] = 0;
    for (let at = 0; at < degree; at += 1) {
      remainder[at] = (remainder[at] ?? 0) ^ multiply(generator[at] ?? 0, factor);
    }
  }
  return remainder;
}

/** (x − 1)(x − 2)(x − 4)…, without its first coefficient, which is 1. */
function generatorOf(degree: number): Uint8Array {
  const coefficients = new Uint8Array(degree);
  coefficients[degree - 1] = 1;
  for (let factor = 0, root = 1; factor < degree; factor += 1, root = multiply(root, 2)) {
    for (let at = 0; at < degree; at += 1) {
      coefficients[at] = multiply(coefficients[at] ?? 0, root) ^ (coefficients[at + 1] ?? 0);
    }
  }
  return coefficients;
}
