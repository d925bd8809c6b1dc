/**
 * A small internet in network namespaces: a device and an agent, each behind a router of its own, a public network
 * between the routers, and the relay's host on it. Linux, root, iproute2 and nftables.
 *
 *   device 10.1.0.2 ── 10.1.0.1 home 192.0.2.11 ──┐
 *                                                 ├── public 192.0.2.0/24 ── relay 192.0.2.1
 *   agent  10.2.0.2 ── 10.2.0.1 site 192.0.2.12 ──┘
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import { findTool } from './tools.ts';

export type Host = 'device' | 'home' | 'relay' | 'site' | 'agent';

const hosts: readonly Host[] = ['device', 'home', 'relay', 'site', 'agent'];
export const addresses = { device: '10.1.0.2', agent: '10.2.0.2', relay: '192.0.2.1' } as const;

/** Why there can be no such network here; null when there can. */
export function networkMissing(): string | null {
  if (process.platform !== 'linux') return 'network namespaces are of Linux';
  if (userInfo().uid !== 0) return 'network namespaces need root';
  const missing = ['ip', 'nft'].filter((tool) => findTool(tool, 'the tests in network namespaces') === null);
  if (missing.length > 0) return `${missing.join(' and ')} is not installed`;
  return tryRun(['ip', 'netns', 'list']) ? null : 'this machine allows no network namespaces';
}

export class TestNetwork implements Disposable {
  readonly #prefix = `daam${randomBytes(3).toString('hex')}`;

  constructor() {
    for (const host of hosts) this.#must(['ip', 'netns', 'add', this.#name(host)]);
    this.#link('device', ['home', 'lan'], ['10.1.0.2/24', '10.1.0.1/24']);
    this.#link('agent', ['site', 'lan'], ['10.2.0.2/24', '10.2.0.1/24']);
    this.#bridge();
    for (const [host, gateway] of [
      ['device', '10.1.0.1'],
      ['agent', '10.2.0.1'],
    ] as const) {
      this.run(host, ['ip', 'route', 'add', 'default', 'via', gateway]);
    }
    for (const host of hosts) this.run(host, ['ip', 'link', 'set', 'lo', 'up']);
    for (const router of ['home', 'site'] as const) {
      this.run(router, ['sysctl', '-qw', 'net.ipv4.ip_forward=1']);
      this.#nft(router, 'add table ip t');
      this.#nft(router, 'add chain ip t nat { type nat hook postrouting priority 100 ; }');
      this.#nft(router, 'add chain ip t block { type filter hook forward priority 0 ; }');
    }
  }

  /** What to put before a command so that it runs on a host. */
  within(host: Host): readonly string[] {
    return ['ip', 'netns', 'exec', this.#name(host)];
  }

  /** Both routers hide what is behind them, as those of homes and offices do. */
  hide(): void {
    for (const router of ['home', 'site'] as const) {
      this.#nft(router, 'add rule ip t nat oifname "wan" masquerade');
      // Else a packet that comes too early takes the place of the one that would have let it in.
      this.#nft(router, 'add chain ip t input { type filter hook input priority 0 ; }');
      this.#nft(router, 'add rule ip t input iifname "wan" ct state new drop');
    }
  }

  /** Without translation both sides need to know the way. */
  route(): void {
    this.run('home', ['ip', 'route', 'add', '10.2.0.0/24', 'via', '192.0.2.12']);
    this.run('site', ['ip', 'route', 'add', '10.1.0.0/24', 'via', '192.0.2.11']);
    this.run('relay', ['ip', 'route', 'add', '10.1.0.0/24', 'via', '192.0.2.11']);
    this.run('relay', ['ip', 'route', 'add', '10.2.0.0/24', 'via', '192.0.2.12']);
  }

  /** The device's router drops UDP from now on, or no more. */
  blockUdp(isBlocked: boolean): void {
    this.#nft('home', 'flush chain ip t block');
    if (isBlocked) this.#nft('home', 'add rule ip t block meta l4proto udp drop');
  }

  /** Runs a command on a host to its end; a failure is an Error. */
  run(host: Host, command: readonly string[]): void {
    this.#must([...this.within(host), ...command]);
  }

  [Symbol.dispose](): void {
    for (const host of hosts) tryRun(['ip', 'netns', 'del', this.#name(host)]);
  }

  /** Hosts are named by the namespace, links by what they lead to. */
  #link(host: Host, [router, link]: readonly [Host, string], [own, other]: readonly [string, string]): void {
    const [a, b] = [this.#name(host), this.#name(router)];
    this.#must(['ip', 'link', 'add', 'eth0', 'netns', a, 'type', 'veth', 'peer', 'name', link, 'netns', b]);
    this.#address(host, 'eth0', own);
    this.#address(router, link, other);
  }

  #bridge(): void {
    this.run('relay', ['ip', 'link', 'add', 'public', 'type', 'bridge']);
    this.#address('relay', 'public', '192.0.2.1/24');
    for (const [router, address] of [
      ['home', '192.0.2.11/24'],
      ['site', '192.0.2.12/24'],
    ] as const) {
      const [from, to] = [this.#name(router), this.#name('relay')];
      this.#must([
        'ip',
        'link',
        'add',
        'wan',
        'netns',
        from,
        'type',
        'veth',
        'peer',
        'name',
        router,
        'netns',
        to,
      ]);
      this.#address(router, 'wan', address);
      this.run('relay', ['ip', 'link', 'set', router, 'master', 'public', 'up']);
    }
  }

  #address(host: Host, link: string, address: string): void {
    this.run(host, ['ip', 'address', 'add', address, 'dev', link]);
    this.run(host, ['ip', 'link', 'set', link, 'up']);
  }

  #nft(host: Host, rule: string): void {
    this.run(host, ['nft', rule]);
  }

  #name(host: Host): string {
    return `${this.#prefix}-${host}`;
  }

  #must([program = '', ...args]: readonly string[]): void {
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  }
}

function tryRun([program = '', ...args]: readonly string[]): boolean {
  return spawnSync(program, args).status === 0;
}
