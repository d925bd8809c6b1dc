import { BlockList, isIP, isIPv6 } from 'node:net';

/**
 * Which addresses a webhook may go to: those of the public Internet, and what the operator allows besides. The control
 * plane stands in a private network; an administrator of an organization must not reach what is beside it.
 */
export class AllowedAddresses {
  readonly #allowed = new BlockList();

  /** Addresses and networks as the configuration names them: `10.20.0.0/16`, `127.0.0.1`, `fd00::/8`. */
  constructor(entries: readonly string[] = []) {
    for (const entry of entries) addEntry(this.#allowed, entry);
  }

  /** Named by the operator: also without TLS. */
  isNamed(address: string): boolean {
    return checks(this.#allowed, address);
  }

  mayCall(address: string): boolean {
    if (isIP(address) === 0) return false;
    return this.isNamed(address) || isPublic(address);
  }
}

/** True for what `AllowedAddresses` can read. */
export function isAddressEntry(entry: string): boolean {
  const [address = '', bits, ...rest] = entry.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** What is not the public Internet (IANA IPv4 and IPv6 Special-Purpose Address Registries, RFC 6890). */
const special = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // Within 2000::/3: Teredo and others, documentation, 6to4 (which carries any IPv4 address).
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
];

const refused = new BlockList();
for (const entry of special) addEntry(refused, entry);
const global6 = new BlockList();
addEntry(global6, '2000::/3');

/** Of IPv6 only global unicast: not loopback, link-local, private, mapped or translated addresses, whatever they map to. */
function isPublic(address: string): boolean {
  if (isIPv6(address) && !checks(global6, address)) return false;
  return !checks(refused, address);
}

/** An address with a zone (`fe80::1%eth0`) is one of a link: never in a list. */
function checks(list: BlockList, address: string): boolean {
  if (address.includes('%')) return false;
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

function addEntry(list: BlockList, entry: string): void {
  const [address = '', bits] = entry.split('/');
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  if (bits === undefined) list.addAddress(address, family);
  else list.addSubnet(address, Number(bits), family);
}
