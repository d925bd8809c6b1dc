/**
 * Who holds an organization's signing key can play its control plane, and more: this program registers an agent, feeds it
 * bundles, admits it to a relay and takes its audit records as the real one does, and signs whatever a test wants.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { type AgentMessage, agentMessage, type ControlMessage, feedPath } from '@daam/shared/api/feed';
import type { TunnelTarget } from '@daam/shared/api/schemas';
import type { AgentId, DatabaseId, DeviceId, OrgId, UserId } from '@daam/shared/domain/ids';
import { signBundle } from '@daam/shared/identity/bundle';
import type { DeviceCertificate } from '@daam/shared/identity/claims';
import type { SigningKey } from '@daam/shared/identity/keys';
import { passkeyChallenge, type RelyingParty } from '@daam/shared/identity/passkey-proof';
import { signDocument } from '@daam/shared/identity/sign';
import type { PolicyBundle, SubjectPasskey } from '@daam/shared/policy/bundle';
import type { EffectivePolicy } from '@daam/shared/policy/effective-policy';
import { signRelayToken } from '@daam/shared/relay-protocol/token';
import type { AssertionChanges, FakeAuthenticator } from '@daam/shared/testing/fake-authenticator';
import { type WebSocket, WebSocketServer } from 'ws';

/** An audit event as it arrived. */
export type AuditEvent = Readonly<Record<string, unknown>> & { readonly kind: string };

/** A person as the double's bundles describe them. */
export interface Person {
  readonly user: UserId;
  readonly email: string;
  isAdmin: boolean;
  passkeys: SubjectPasskey[];
}

export const relyingParty: RelyingParty = { id: 'localhost', origins: ['http://localhost'] };
const databaseName = 'shop';
export const registrationToken = 'registration-token';
/** What the agent gets for it; its detailed health asks for it too. */
export const credential = 'agent-credential';

/** What every person may do. */
const origin = { policy: 'everyone', version: 1 };
const policy: EffectivePolicy = {
  database: databaseName,
  grants: [
    { schema: 'public', table: 'customers', operations: ['select', 'update'], origin },
    { schema: 'public', table: 'products', operations: ['select'], origin },
  ],
  masks: [{ schema: 'public', table: 'customers', column: 'email', preset: 'email', origin }],
  rowFilters: [],
  limits: {},
  policies: [origin],
};

/** Name and address of a relay. */
export interface RelayPlace {
  readonly name: string;
  readonly url: string;
}

export interface DoubleOptions {
  /** The organization's key: the relay and the agent trust it. */
  readonly key: SigningKey;
  /** Where agent and devices are sent to. */
  readonly relay: RelayPlace;
}

/** What is to be certified. */
export interface CertificateRequest {
  readonly person: Person;
  /** The device's public key. */
  readonly wgKey: string;
  /** Null: nobody's passkey. */
  readonly by: FakeAuthenticator | null;
  /** Its end, which the passkey commits to: seconds since the Unix epoch, an hour from now unless told. */
  readonly until?: number;
  /** What is wrong with the assertion. */
  readonly assertion?: AssertionChanges;
  /** What is changed after that. */
  readonly changes?: Partial<DeviceCertificate>;
}

export class OrganizationDouble implements AsyncDisposable {
  readonly key: SigningKey;
  readonly org = randomUUID() as OrgId;
  readonly agentId = randomUUID() as AgentId;
  readonly database = { id: randomUUID() as DatabaseId, name: databaseName };
  readonly people: Person[] = [];
  readonly revoked = { devices: [] as string[], users: [] as string[] };
  /** Everything that the agent said. */
  readonly messages: AgentMessage[] = [];
  /** Events of the audit records that arrived. */
  readonly audited: AuditEvent[] = [];
  readonly #sockets = new Set<WebSocket>();
  readonly #relay: RelayPlace;
  readonly #server: Server;
  #epoch = 0;
  #acknowledgedSeq = 0;
  #bundle: string | null = null;

  private constructor(options: DoubleOptions, server: Server) {
    this.key = options.key;
    this.#relay = options.relay;
    this.#server = server;
  }

  /** Listens on a free port. */
  static async start(options: DoubleOptions): Promise<OrganizationDouble> {
    const server = createServer();
    const double = new OrganizationDouble(options, server);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      double.#answer(request).then(
        ([status, body]) =>
          response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
        () => response.destroy(),
      );
    });
    const feed = new WebSocketServer({ noServer: true, perMessageDeflate: false });
    server.on('upgrade', (request, socket, head) => {
      const isAgent = request.url === feedPath && request.headers.authorization === `Bearer ${credential}`;
      if (!isAgent) socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n');
      else feed.handleUpgrade(request, socket, head, (opened) => double.#open(opened));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return double;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How the agent's tunnel is reached, once it said so. */
  get tunnel(): TunnelTarget | null {
    const told = this.messages.flatMap((message) =>
      (message.type === 'hello' || message.type === 'tunnel') && message.tunnel !== undefined
        ? [message.tunnel]
        : [],
    );
    return told.at(-1) ?? null;
  }

  /** A person with these passkeys, unendorsed as first ones are; push a bundle to make them known. */
  addPerson(email: string, authenticators: readonly FakeAuthenticator[] = []): Person {
    const passkeys = authenticators.map(({ passkey }) => ({ ...passkey, endorsement: null }));
    const person: Person = { user: randomUUID() as UserId, email, isAdmin: false, passkeys };
    this.people.push(person);
    return person;
  }

  /** Signs what is so now and sends it; resolves with its epoch when the agent has applied it. */
  async push(): Promise<number> {
    this.#epoch += 1;
    const epoch = this.#epoch;
    const bundle: PolicyBundle = {
      org: this.org,
      database: this.database,
      agent: this.agentId,
      epoch,
      issuedAt: seconds(),
      orgKeys: [this.key.publicKey],
      policies: [policy],
      subjects: this.people.map(({ user, email, isAdmin, passkeys }) => ({
        user,
        email,
        policy: 0,
        isAdmin,
        passkeys,
      })),
      revoked: { devices: [...this.revoked.devices], users: [...this.revoked.users] },
      settings: { elevation: true, relyingParty },
    };
    this.#bundle = await signBundle(bundle, this.key);
    this.#send({ type: 'bundle', jws: this.#bundle });
    return epoch;
  }

  /** True once the agent said that this epoch is in force. */
  hasApplied(epoch: number): boolean {
    return this.messages.some((message) => message.type === 'applied' && message.epoch === epoch);
  }

  /**
   * A certificate for a device key. With an authenticator it carries an assertion over exactly this key, organization and
   * end; `changes` are made after that, as a forger would.
   */
  async certify({ person, wgKey, by, until, assertion, changes }: CertificateRequest): Promise<string> {
    const now = seconds();
    const exp = until ?? now + 3_600;
    const nonce = randomBytes(32).toString('base64url');
    const challenge = passkeyChallenge({ nonce, wgKey, org: this.org, exp });
    const claims: DeviceCertificate = {
      org: this.org,
      user: person.user,
      email: person.email,
      device: randomUUID() as DeviceId,
      wgKey,
      amr: by === null ? ['dev-token'] : ['hwk', 'user'],
      passkey: by === null ? null : by.assert(challenge, nonce, assertion),
      authTime: now,
      iat: Math.min(now, exp - 60),
      exp,
      epoch: 0,
      jti: randomUUID(),
      ...changes,
    };
    return await signDocument('deviceCertificate', claims, this.key);
  }

  /** Admission of a key to the relay. */
  async relayToken(publicKey: string, counterparts: readonly string[]): Promise<string> {
    const now = seconds();
    const claims = { relay: this.#relay.name, publicKey, counterparts: [...counterparts] };
    return await signRelayToken({ ...claims, iat: now, exp: now + 3_500, jti: randomUUID() }, this.key);
  }

  /** The relay, as the sidecar's `up` takes it. */
  async relayFor(publicKey: string, counterparts: readonly string[]) {
    return { ...this.#relay, token: await this.relayToken(publicKey, counterparts) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.terminate();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #open(socket: WebSocket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
    socket.on('message', (data: Buffer) => void this.#hear(socket, data.toString('utf8')));
  }

  async #hear(socket: WebSocket, text: string): Promise<void> {
    const message = agentMessage.parse(JSON.parse(text));
    this.messages.push(message);
    if (message.type === 'hello' && this.#bundle !== null) {
      socket.send(JSON.stringify({ type: 'bundle', jws: this.#bundle } satisfies ControlMessage));
    }
    if (message.type === 'ping') socket.send(JSON.stringify({ type: 'pong' } satisfies ControlMessage));
    const tunnel = message.type === 'hello' || message.type === 'tunnel' ? message.tunnel : undefined;
    if (tunnel !== undefined) await this.#admit(socket, tunnel.publicKey);
  }

  async #admit(socket: WebSocket, publicKey: string): Promise<void> {
    const token = await this.relayToken(publicKey, []);
    const expiresAt = new Date(Date.now() + 3_400_000).toISOString();
    const ticket = { ...this.#relay, stun: [], token, expiresAt };
    socket.send(JSON.stringify({ type: 'relay', ticket } satisfies ControlMessage));
  }

  #send(message: ControlMessage): void {
    for (const socket of this.#sockets) socket.send(JSON.stringify(message));
  }

  async #answer(request: IncomingMessage): Promise<[number, object]> {
    const body = (await json(request)) as Record<string, unknown>;
    if (request.url === '/api/v1/agents/register' && body['token'] === registrationToken) {
      const org = { id: this.org, name: 'Double' };
      const { agentId, database } = this;
      return [201, { agentId, database, org, credential, orgKeys: [this.key.publicKey] }];
    }
    if (request.url === '/api/v1/agents/audit') return [200, this.#take(body['records'])];
    return [401, { error: { code: 'UNAUTHENTICATED', message: 'no', requestId: '1' } }];
  }

  #take(records: unknown): { readonly acknowledgedSeq: number } {
    for (const { seq, event } of records as { readonly seq: number; readonly event: AuditEvent }[]) {
      if (seq <= this.#acknowledgedSeq) continue;
      this.#acknowledgedSeq = seq;
      this.audited.push(event);
    }
    return { acknowledgedSeq: this.#acknowledgedSeq };
  }
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}
