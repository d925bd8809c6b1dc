/** Dimensions of a PostgreSQL array, MAXDIM in the server's sources. */
const maxDimensions = 6;

/**
 * The elements of an array in the binary format (array_recv in the server's sources): number of dimensions, a
 * flag for NULLs, the element type, size and lower bound of each dimension, then each element with its length,
 * -1 for NULL; all 32-bit, big-endian. Null when it is no such thing: the server refuses it too. Views of `bytes`.
 */
export function arrayElementsOfBinary(bytes: Buffer): readonly (Buffer | null)[] | null {
  if (bytes.length < 12) return null;
  const dimensions = bytes.readInt32BE(0);
  let at = 12 + 8 * dimensions;
  if (dimensions < 0 || dimensions > maxDimensions || bytes.length < at) return null;
  let count = dimensions === 0 ? 0 : 1;
  for (let dimension = 0; dimension < dimensions; dimension += 1) {
    const size = bytes.readInt32BE(12 + 8 * dimension);
    if (size < 0) return null;
    count *= size;
  }
  // each element has a length of four bytes
  if (count > (bytes.length - at) / 4) return null;
  const elements: (Buffer | null)[] = [];
  for (let index = 0; index < count; index += 1) {
    if (bytes.length < at + 4) return null;
    const length = bytes.readInt32BE(at);
    at += 4;
    if (length < -1 || bytes.length < at + Math.max(length, 0)) return null;
    elements.push(length === -1 ? null : bytes.subarray(at, at + length));
    at += Math.max(length, 0);
  }
  return at === bytes.length ? elements : null;
}
