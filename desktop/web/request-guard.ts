/**
 * True when the request was made to this address by its name. A page of another site that had its own name resolve
 * to 127.0.0.1 (DNS rebinding) sends that name here.
 */
export function isOwnHost(host: string | undefined, port: number): boolean {
  return host === `localhost:${port}`;
}

/** True when the page that opens the bridge was served by us. Browsers set Origin; pages cannot. */
export function isOwnOrigin(origin: string | undefined, port: number): boolean {
  return origin === `http://localhost:${port}`;
}
