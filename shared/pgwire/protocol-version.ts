/** A protocol version, `{ major: 3, minor: 2 }`. */
export interface ProtocolVersion {
  readonly major: number;
  readonly minor: number;
}

/** The newest version that this code speaks. It differs from 3.0 only in longer cancel keys. */
export const newestProtocol: ProtocolVersion = { major: 3, minor: 2 };

/** The version of a 32-bit code on the wire: major in the high half, minor in the low one. */
export function protocolVersionOf(code: number): ProtocolVersion {
  return { major: code >>> 16, minor: code & 0xffff };
}

/** The 32-bit code of a version. */
export function protocolCode(version: ProtocolVersion): number {
  return version.major * 65_536 + version.minor;
}
