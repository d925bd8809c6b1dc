/**
 * A device that says at the agent's door whatever a test wants it to: a real sidecar, a real relay, and knocks made here.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  encodeKnock,
  type KnockAnswer,
  knockAnswerSchema,
  parseKnock,
  type SealedKnock,
} from '@daam/shared/identity/knock';
import { seal, unseal } from '@daam/shared/identity/sealed';
import { generateX25519, x25519PrivateText, x25519PublicText } from '@daam/shared/identity/x25519';
import type { SidecarAnswer, SidecarCommand, SidecarEvent } from '@daam/shared/wireguard/sidecar-channel';
import type { OrganizationDouble } from './organization-double.ts';

/** What a knock says; the rest of it is honest. */
export type KnockWords = Partial<SealedKnock> & { readonly certificate: string };

/** A sidecar of the client's role, wherever it runs. */
export interface Sidecar extends AsyncDisposable {
  readonly events: readonly SidecarEvent[];
  send(command: SidecarCommand, fields?: Readonly<Record<string, unknown>>): Promise<SidecarAnswer>;
}

export class Knocker implements AsyncDisposable {
  readonly privateKey = generateX25519();
  readonly publicKey = x25519PublicText(this.privateKey);
  readonly #sidecar: Sidecar;
  readonly #organization: OrganizationDouble;
  readonly #agentKey: string;

  private constructor(sidecar: Sidecar, organization: OrganizationDouble, agentKey: string) {
    this.#sidecar = sidecar;
    this.#organization = organization;
    this.#agentKey = agentKey;
  }

  /** Brings up its tunnel and joins the relay. */
  static async start(sidecar: Sidecar, organization: OrganizationDouble): Promise<Knocker> {
    const agentKey = organization.tunnel?.publicKey;
    if (agentKey === undefined) throw new Error('the agent has no tunnel yet');
    const knocker = new Knocker(sidecar, organization, agentKey);
    await knocker.#up();
    return knocker;
  }

  /** The bytes of a knock, sealed to the agent. */
  seal(words: KnockWords): Buffer {
    const knock: SealedKnock = {
      v: 1,
      id: randomBytes(16).toString('base64url'),
      at: Date.now(),
      grant: null,
      database: this.#organization.database.id,
      candidates: [],
      ...words,
    };
    const plain = encodeKnock(knock);
    return seal({ purpose: 'knock', plain, sender: this.privateKey, receiver: this.#agentKey });
  }

  /** Sends bytes to the agent as a knock. */
  async send(sealed: Buffer): Promise<void> {
    await this.#sidecar.send('knock.send', { to: this.#agentKey, payload: sealed.toString('base64url') });
  }

  /** Every answer that came so far, opened. */
  get answers(): readonly KnockAnswer[] {
    return this.#sidecar.events.flatMap((event) => {
      if (event.event !== 'knock' || event.from !== this.#agentKey) return [];
      const sealed = Buffer.from(event.payload, 'base64url');
      const plain = unseal({ purpose: 'answer', sealed, sender: this.#agentKey, receiver: this.privateKey });
      return plain === null ? [] : [parseKnock(knockAnswerSchema, plain)];
    });
  }

  /** Knocks and waits for the answer; null when none comes. */
  async knock(words: KnockWords, timeoutMs = 10_000): Promise<KnockAnswer | null> {
    const before = this.answers.length;
    await this.send(this.seal(words));
    const end = Date.now() + timeoutMs;
    while (this.answers.length === before && Date.now() < end) await sleep(20);
    return this.answers[before] ?? null;
  }

  /** After a knock was answered: the agent as a peer, and a local port that leads to it. Its number. */
  async open(answer: KnockAnswer | null): Promise<number> {
    if (answer?.ok !== true) throw new Error(`not admitted: ${JSON.stringify(answer)}`);
    await this.#sidecar.send('peer.add', {
      publicKey: this.#agentKey,
      allowedIp: answer.agentAddress,
      ownAddress: answer.address,
      candidates: answer.candidates,
    });
    return await this.forward(answer.port);
  }

  /** A local port that leads to this port of the agent's address. */
  async forward(port: number): Promise<number> {
    const { listen } = await this.#sidecar.send('forward.add', {
      forward: 'shop',
      listen: '127.0.0.1:0',
      peer: this.#agentKey,
      port,
    });
    return Number(String(listen).split(':').at(-1));
  }

  /** Makes the agent a peer without having been admitted, as an intruder would. */
  async intrude(agentAddress: string, port: number): Promise<number> {
    await this.#sidecar.send('peer.add', {
      publicKey: this.#agentKey,
      allowedIp: agentAddress,
      ownAddress: '100.64.99.99',
      candidates: this.#organization.tunnel?.candidates ?? [],
    });
    return await this.forward(port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sidecar[Symbol.asyncDispose]();
  }

  async #up(): Promise<void> {
    await this.#sidecar.send('hello', { proto: 1 });
    await this.#sidecar.send('up', {
      privateKey: x25519PrivateText(this.privateKey),
      relay: await this.#organization.relayFor(this.publicKey, [this.#agentKey]),
    });
    const isJoined = (): boolean =>
      this.#sidecar.events.some((event) => event.event === 'relay' && event.state === 'connected');
    const end = Date.now() + 15_000;
    while (!isJoined()) {
      if (Date.now() > end) throw new Error('the device did not reach the relay');
      await sleep(20);
    }
  }
}
