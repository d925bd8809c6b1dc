/** Every port follows from one number, so that several systems fit on one machine. */

/** What listens where; `developerLocal` and up are the users' local ports, in the order of the policy's `assign`. */
export interface PortLayout {
  readonly controlPlane: number;
  readonly desktopWeb: number;
  readonly relay: number;
  /** UDP. */
  readonly relayStun: number;
  readonly agentListen: number;
  readonly agentHealth: number;
  /** UDP. */
  readonly agentTunnel: number;
  readonly developerLocal: number;
  readonly upstream: number;
  readonly store: number;
}

/** At most this many users get a local port: the embedded servers' ports come next. */
export const maxUsers = 10;

/** The highest base: the last port is base + 51. */
export const maxPortBase = 65_535 - 51;

/** The layout for a base such as 7400. */
export function portLayout(base: number): PortLayout {
  return {
    controlPlane: base,
    desktopWeb: base + 10,
    relay: base + 20,
    relayStun: base + 21,
    agentListen: base + 30,
    agentHealth: base + 31,
    agentTunnel: base + 32,
    developerLocal: base + 40,
    upstream: base + 50,
    store: base + 51,
  };
}
