import { randomUUID } from 'node:crypto';
import { on } from 'node:events';
import type { EndSessionAnswer, EndSessionQuestion } from '@daam/shared/api/end-session';
import type { ExplainAnswer } from '@daam/shared/api/explain';
import type { JudgeAnswer, JudgeQuestion } from '@daam/shared/api/judge';
import { type AgentMessage, agentMessage, type ControlMessage, feedCloseCodes } from '@daam/shared/api/feed';
import type { TunnelTarget } from '@daam/shared/api/schemas';
import { AppError, toAppError } from '@daam/shared/errors/app-error';
import type { RawData, WebSocket } from 'ws';
import { keepDoctorReport } from '../databases/doctor-reports.ts';
import { wantsSchema } from '../databases/schema-store.ts';
import type { AgentCaller } from '../http/call.ts';
import { signCurrentBundle } from '../policies/push.ts';
import type { Services } from '../services.ts';
import { agentAway, type Asked, Questions } from './questions.ts';
import { AgentTicket } from './agent-ticket.ts';
import { healthOf } from './health.ts';
import { claimAgent, type FeedIdentity, noteAgent } from './agent-row.ts';
import { keepPasskeyStandings, keepTunnel } from './tunnel-row.ts';

/** More is a broken agent. */
const maxMessagesPerTenSeconds = 2000;

/** A sign of life that says nothing new is written at most this often, in milliseconds. */
const noteStepMs = 10_000;

/** For an agent to answer a question; below what a client of the API waits. */
const questionTimeoutMs = 10_000;

/** An agent looks after changes have settled, and when asked; each report is written. */
const maxReportsPerMinute = 60;

type LiveState = 'connected' | 'draining';

/**
 * One agent's WebSocket after its upgrade: one loop reads what the agent says, one sends bundles. The
 * agent says hello first and then hears the bundle in force; `push` sends the newest one, and many pushes
 * at once become one.
 */
export class FeedConnection {
  readonly id = randomUUID();
  readonly agent: AgentCaller;
  readonly #socket: WebSocket;
  readonly #services: Services;
  readonly #ended = new AbortController();
  readonly #questions = new Questions<ExplainAnswer>({ timeoutMs: questionTimeoutMs });
  readonly #judgements = new Questions<JudgeAnswer>({ timeoutMs: questionTimeoutMs });
  readonly #endings = new Questions<EndSessionAnswer>({ timeoutMs: questionTimeoutMs });
  /** What the agent said it can. */
  #can: ReadonlySet<string> = new Set();
  readonly #ticket: AgentTicket;
  #isGreeted = false;
  #isServing = true;
  /** Whether what is announced from now on came after this feed took the agent over. */
  #isAnnounced = false;
  #reports = { count: 0, since: 0 };
  #sentEpoch = -1;
  #isPushWanted = false;
  #pushing: Promise<void> | null = null;
  #missedBeats = 0;
  #received = { count: 0, since: 0 };
  #noted: { readonly state: LiveState; readonly at: number } = { state: 'connected', at: 0 };

  constructor(options: {
    readonly agent: AgentCaller;
    readonly socket: WebSocket;
    readonly services: Services;
  }) {
    this.agent = options.agent;
    this.#socket = options.socket;
    this.#services = options.services;
    this.#ticket = new AgentTicket({
      services: this.#services,
      identity: this.#identity(),
      send: (ticket) => this.#send({ type: 'relay', ticket }),
      onFailure: (error) => this.#services.events.pushFailed(this.agent.database, error),
    });
  }

  /** Runs until the socket is closed. */
  async run(): Promise<void> {
    this.#socket.once('close', () => this.#ended.abort());
    this.#socket.on('error', () => this.#socket.terminate());
    try {
      for await (const [data, isBinary] of on(this.#socket, 'message', {
        signal: this.#ended.signal,
        highWaterMark: 16,
        lowWaterMark: 1,
      }) as AsyncIterable<[RawData, boolean]>) {
        const message = isBinary || this.#isFlood() ? null : parseMessage(data);
        if (message === null) this.#refuse();
        else await this.#receive(message);
      }
    } catch (error) {
      if (!this.#ended.signal.aborted) this.#fail(error);
    } finally {
      this.#socket.terminate();
      this.#questions.close();
      this.#judgements.close();
      this.#endings.close();
      await this.#pushing?.catch(() => {});
      await this.#ticket.settled();
      await noteAgent(this.#services, this.#identity(), { state: 'disconnected' }).catch(() => {});
    }
  }

  /** Sends the newest bundle, unless the agent has it. Does not throw. */
  push(): void {
    this.#isPushWanted = true;
    if (!this.#isGreeted || this.#pushing !== null) return;
    this.#pushing = this.#pushLoop().finally(() => {
      this.#pushing = null;
      // Asked for after the loop had looked for the last time.
      if (this.#isPushWanted && !this.#ended.signal.aborted) this.push();
    });
  }

  /** Whether the agent has said hello. */
  get isGreeted(): boolean {
    return this.#isGreeted;
  }

  /** Whether the agent serves sessions, as it told last. */
  get isServing(): boolean {
    return this.#isServing;
  }

  /** Asks the agent what would happen to a statement. AGENT_UNAVAILABLE or TIMEOUT without an answer. */
  async ask(asked: Asked): Promise<ExplainAnswer> {
    this.#requireThatItCan('explain', 'explain statements');
    return await this.#questions.ask((id) => this.#send({ type: 'explain', id, ...asked }));
  }

  /** Has the agent judge statements under two policies. AGENT_UNAVAILABLE or TIMEOUT without an answer. */
  async judge(asked: Omit<JudgeQuestion, 'id'>): Promise<JudgeAnswer> {
    this.#requireThatItCan('judge', 'judge statements under another policy');
    return await this.#judgements.ask((id) => this.#send({ type: 'judge', id, ...asked }));
  }

  /** Has the agent end one of its sessions. AGENT_UNAVAILABLE or TIMEOUT without an answer. */
  async endSession(asked: Omit<EndSessionQuestion, 'id'>): Promise<EndSessionAnswer> {
    this.#requireThatItCan('end-session', 'end a single session');
    return await this.#endings.ask((id) => this.#send({ type: 'end-session', id, ...asked }));
  }

  /** Asks the agent to look at its database now; older agents cannot. */
  examine(): void {
    if (this.#isGreeted && this.#can.has('examine')) this.#send({ type: 'examine' });
  }

  /** Asks the agent to read its database's schema now; older agents cannot. */
  introspect(): void {
    if (this.#isGreeted && this.#can.has('schema')) this.#send({ type: 'introspect' });
  }

  /** Called at every heartbeat: asks for a sign of life, and gives up after three without one. */
  beat(): void {
    if (this.#missedBeats >= 3 || (!this.#isGreeted && this.#missedBeats >= 1)) {
      return this.close(feedCloseCodes.timeout, 'no sign of life');
    }
    this.#missedBeats += 1;
    this.#send({ type: 'ping' });
    this.#ticket.renewInTime();
  }

  /**
   * It was announced that a feed has the agent now, or none (null: it was revoked). What is heard before this feed's own
   * announcement happened before it: a feed that came and went is no reason to close its successor.
   */
  taken(feed: string | null): void {
    if (feed === null) this.close(feedCloseCodes.revoked, 'revoked');
    else if (feed === this.id) this.#isAnnounced = true;
    else if (this.#isAnnounced) this.close(feedCloseCodes.replaced, 'replaced');
  }

  /** Announcements may have been missed, this feed's own among them. */
  missed(): void {
    this.#isAnnounced = true;
  }

  /** Closes with a code; a peer that does not answer is cut off by ws after its own timeout. */
  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** Cuts the connection at once. */
  terminate(): void {
    this.#socket.terminate();
  }

  async #receive(message: AgentMessage): Promise<void> {
    this.#missedBeats = 0;
    if (message.type === 'hello') return await this.#greet(message);
    if (!this.#isGreeted) return this.#refuse();
    switch (message.type) {
      case 'ping':
        return this.#send({ type: 'pong' });
      case 'pong':
        return await this.#note(this.#noted.state);
      case 'applied':
        this.#services.events.bundleApplied(this.agent.id, { epoch: message.epoch, tookMs: message.tookMs });
        // What it claims counts no further than what it was sent.
        return await noteAgent(this.#services, this.#identity(), {
          applied: {
            epoch: Math.min(message.epoch, Math.max(this.#sentEpoch, 0)),
            tookMs: message.tookMs,
            sessions: message.sessions ?? null,
          },
        });
      case 'doctor':
        if (this.#isReportFlood()) return this.#refuse();
        return await keepDoctorReport(this.#services, this.#identity(), message.report);
      case 'explained':
        return this.#questions.answered(message.id, message.answer);
      case 'judged':
        return this.#judgements.answered(message.id, message.answer);
      case 'session-ended':
        return this.#endings.answered(message.id, message.answer);
      case 'tunnel':
        return await this.#keepTunnel(message.tunnel);
      case 'passkeys':
        if (this.#isReportFlood()) return this.#refuse();
        return await keepPasskeyStandings(this.#services, this.#identity(), message.passkeys);
      case 'schema':
        if (this.#isReportFlood()) return this.#refuse();
        return await this.#compareSchema(message.hash);
      case 'state':
        return await this.#noteState(message);
      default:
        message satisfies never;
    }
  }

  async #note(state: LiveState): Promise<void> {
    const now = performance.now();
    if (state === this.#noted.state && now - this.#noted.at < noteStepMs) return;
    this.#noted = { state, at: now };
    await noteAgent(this.#services, this.#identity(), { state });
  }

  async #noteState(message: Extract<AgentMessage, { type: 'state' }>): Promise<void> {
    const state = message.state === 'draining' ? 'draining' : 'connected';
    this.#isServing = message.state === 'healthy' || message.state === 'degraded';
    this.#noted = { state, at: performance.now() };
    await noteAgent(this.#services, this.#identity(), { state, health: healthOf(message) });
  }

  async #compareSchema(hash: string): Promise<void> {
    if (!this.#can.has('schema')) return;
    if (await wantsSchema(this.#services, this.agent, hash)) this.#send({ type: 'schema-wanted', hash });
  }

  async #greet(hello: Extract<AgentMessage, { type: 'hello' }>): Promise<void> {
    if (this.#isGreeted) return this.#refuse();
    if (!(await claimAgent(this.#services, this.#identity(), hello))) {
      return this.close(feedCloseCodes.revoked, 'revoked');
    }
    this.#isGreeted = true;
    this.#can = new Set(hello.can);
    this.#services.events.agentConnected(this.agent.id, hello.epoch);
    if (hello.tunnel !== undefined) await this.#keepTunnel(hello.tunnel);
    this.push();
    await this.#pushing;
    if (hello.epoch > this.#sentEpoch && this.#sentEpoch >= 0) {
      this.#services.events.agentAheadOf(this.agent.id, { agentEpoch: hello.epoch, epoch: this.#sentEpoch });
    }
  }

  async #keepTunnel(tunnel: TunnelTarget): Promise<void> {
    await keepTunnel(this.#services, this.#identity(), tunnel);
    await this.#ticket.admit(tunnel.publicKey);
  }

  async #pushLoop(): Promise<void> {
    while (this.#isPushWanted && !this.#ended.signal.aborted) {
      this.#isPushWanted = false;
      try {
        const { jws, epoch, pseudonymKey } = await signCurrentBundle(this.#services, this.agent);
        if (epoch <= this.#sentEpoch) continue;
        await this.#sendWhole({ type: 'bundle', jws, pseudonymKey: pseudonymKey.reveal() });
        this.#sentEpoch = epoch;
        this.#services.events.bundleSent(this.agent.id, { epoch, bytes: jws.length });
      } catch (error) {
        if (this.#ended.signal.aborted) return;
        return this.#failPush(toAppError(error));
      }
    }
  }

  /** The agent comes back and asks anew: better than one that silently has an old policy. */
  #failPush(error: AppError): void {
    if (error.code === 'REVOKED') return this.close(feedCloseCodes.revoked, 'revoked');
    this.#services.events.pushFailed(this.agent.database, error);
    this.close(1011, 'bundle not available');
  }

  #send(message: ControlMessage): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message), () => {});
  }

  async #sendWhole(message: ControlMessage): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#socket.send(JSON.stringify(message), (error) => (error ? reject(error) : resolve()));
    });
  }

  #requireThatItCan(what: string, words: string): void {
    if (!this.#isGreeted) throw agentAway();
    if (this.#can.has(what)) return;
    throw new AppError('UNSUPPORTED', {
      message: `The database’s agent is too old to ${words}.`,
      hint: 'Update it.',
    });
  }

  #isFlood(): boolean {
    const now = performance.now();
    if (now - this.#received.since > 10_000) this.#received = { count: 0, since: now };
    this.#received.count += 1;
    return this.#received.count > maxMessagesPerTenSeconds;
  }

  #isReportFlood(): boolean {
    const now = performance.now();
    if (now - this.#reports.since > 60_000) this.#reports = { count: 0, since: now };
    this.#reports.count += 1;
    return this.#reports.count > maxReportsPerMinute;
  }

  #refuse(): void {
    this.#services.events.agentMessageRefused(this.agent.id);
    this.close(feedCloseCodes.badMessage, 'bad message');
  }

  #fail(error: unknown): void {
    this.#services.events.pushFailed(this.agent.database, toAppError(error));
    this.close(1011, 'failed');
  }

  #identity(): FeedIdentity {
    return { agent: this.agent, feed: this.id };
  }
}

function parseMessage(data: RawData): AgentMessage | null {
  try {
    const text = Array.isArray(data)
      ? Buffer.concat(data).toString('utf8')
      : Buffer.from(data as Buffer).toString('utf8');
    const parsed = agentMessage.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
