/**
 * What one subscriber is given of the address space, as a key for counting: an IPv4 address itself (also when it is mapped
 * into IPv6, RFC 4291 section 2.5.5.2), of an IPv6 address its /64 (RFC 6177), since whoever has one has them all. Text that
 * is no address is its own key.
 */

const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;

/** `2001:db8:1:2:3::4` → `2001:db8:1:2::/64`, `::ffff:192.0.2.1` → `192.0.2.1`, `192.0.2.1` → `192.0.2.1`. */
export function addressBlock(address: string): string {
  const ipv4 = mapped.exec(address)?.[1];
  if (ipv4 !== undefined) return ipv4;
  const [bare = ''] = address.split('%');
  if (!bare.includes(':')) return address;
  const [head = '', tail] = bare.toLowerCase().split('::');
  // An IPv4 address at the end stands for two groups, which are never among the first four that count.
  const groups = (text: string): string[] =>
    text === '' ? [] : text.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]));
  const left = groups(head);
  const right = groups(tail ?? '');
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const all = [...left, ...Array.from({ length: Math.max(zeros, 0) }, () => '0'), ...right];
  if (!all.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return address;
  const network = all.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}
