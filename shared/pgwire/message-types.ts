/**
 * The PostgreSQL frontend/backend protocol, versions 3.0 and 3.2 (PostgreSQL docs, chapter 55).
 *
 * Bytes come in through StartupReader (untyped packets), then FrameReader (frames that must be understood) or
 * BackendScanner (the hot way from the server, where rows pass unread). Each message has a file of its own with
 * `decodeX(body)` and `encodeX(message)`; `trace` prints any of them.
 */

/** Which program sent the bytes: the client (frontend) or the server (backend). */
export type Side = 'frontend' | 'backend';

/** Type bytes of messages that a client sends (docs 55.7). */
export const frontendType = {
  bind: 0x42, // B
  close: 0x43, // C
  copyData: 0x64, // d
  copyDone: 0x63, // c
  copyFail: 0x66, // f
  describe: 0x44, // D
  execute: 0x45, // E
  flush: 0x48, // H
  functionCall: 0x46, // F
  parse: 0x50, // P
  /** PasswordMessage, SASLInitialResponse, SASLResponse and GSSResponse share it. */
  password: 0x70, // p
  query: 0x51, // Q
  sync: 0x53, // S
  terminate: 0x58, // X
} as const;

/** Type bytes of messages that a server sends (docs 55.7). */
export const backendType = {
  authentication: 0x52, // R
  backendKeyData: 0x4b, // K
  bindComplete: 0x32, // 2
  closeComplete: 0x33, // 3
  commandComplete: 0x43, // C
  copyBothResponse: 0x57, // W
  copyData: 0x64, // d
  copyDone: 0x63, // c
  copyInResponse: 0x47, // G
  copyOutResponse: 0x48, // H
  dataRow: 0x44, // D
  emptyQueryResponse: 0x49, // I
  errorResponse: 0x45, // E
  functionCallResponse: 0x56, // V
  negotiateProtocolVersion: 0x76, // v
  noData: 0x6e, // n
  noticeResponse: 0x4e, // N
  notificationResponse: 0x41, // A
  parameterDescription: 0x74, // t
  parameterStatus: 0x53, // S
  parseComplete: 0x31, // 1
  portalSuspended: 0x73, // s
  readyForQuery: 0x5a, // Z
  rowDescription: 0x54, // T
} as const;

/** A name of `frontendType` or `backendType`. */
export type FrontendMessageName = keyof typeof frontendType;
export type BackendMessageName = keyof typeof backendType;

function namesByType(table: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(table).map(([name, type]) => [type, name]));
}

const names = { frontend: namesByType(frontendType), backend: namesByType(backendType) };

/** The message's name in camelCase (`parseComplete`), or null for a type byte that this side never sends. */
export function messageName(side: Side, type: number): string | null {
  return names[side].get(type) ?? null;
}
