import { AppError } from '@daam/shared/errors/app-error';
import { type Frame, FrameReader } from '@daam/shared/pgwire/frame-reader';
import { frontendType } from '@daam/shared/pgwire/message-types';
import type { SessionContext } from './context.ts';
import { Decider } from './decider.ts';
import { ExtendedQuery } from './extended-query.ts';
import { Outbox } from './outbox.ts';
import { plainDenial, refusedQuery, refusedStep } from './refusal.ts';
import { SimpleQuery } from './simple-query.ts';
import { TierSwitch } from './tier-switch.ts';

/** A statement may be long, a COPY row too, but no single message is this long. */
const maxClientFrame = 64 * 1024 * 1024;

type Step = Promise<void> | undefined;

/**
 * Client to server: every frame becomes a decision. Before it: session.ts opened both ends. Here the frames are
 * told apart; simple-query.ts and extended-query.ts decide, outbox.ts records and sends. After it: the server
 * pump takes the answers, in the order of `pending`.
 */
export class ClientPump {
  readonly #session: SessionContext;
  readonly #reader = new FrameReader({ side: 'frontend', maxFrameBytes: maxClientFrame });
  readonly #outbox: Outbox;
  readonly #simple: SimpleQuery;
  readonly #extended: ExtendedQuery;
  /** Asked before each message, until it gives no promise: a change of policy lets the message wait. */
  readonly #beforeMessage: (type: number) => Step;
  readonly #decider: Decider;
  readonly tiers: TierSwitch;
  #terminated = false;
  /** A message is being decided or sent. */
  #isBusy = false;
  /** Of the message at hand. */
  #type = 0;
  #rested = Promise.withResolvers<void>();

  constructor(parts: {
    readonly session: SessionContext;
    readonly beforeMessage: (type: number) => Step;
  }) {
    const { session } = parts;
    this.#session = session;
    this.#beforeMessage = parts.beforeMessage;
    const outbox = new Outbox({ session });
    const tiers = new TierSwitch({ session, outbox });
    this.#outbox = outbox;
    this.tiers = tiers;
    const decider = new Decider({ session, aside: (work) => this.#aside(work) });
    this.#decider = decider;
    this.#simple = new SimpleQuery({ session, outbox, tiers, decider });
    this.#extended = new ExtendedQuery({ session, outbox, tiers, decider });
  }

  /** Runs until the client leaves or the session ends. `leftover` came behind the start-up packet. */
  async run(leftover: Buffer): Promise<void> {
    try {
      await this.#read(leftover);
    } finally {
      this.#rest();
    }
  }

  async #read(leftover: Buffer): Promise<void> {
    for (let chunk: Buffer | null = leftover; chunk !== null; chunk = await this.#session.client.read()) {
      this.#reader.push(chunk);
      for (let frame = this.#reader.next(); frame !== null; frame = this.#reader.next()) {
        const held = this.#beforeMessage(frame.type);
        if (held !== undefined) await this.#untilFree(frame.type, held);
        this.#isBusy = true;
        this.#type = frame.type;
        this.#decider.newMessage();
        const step = this.#take(frame);
        if (step !== undefined) await step;
        if (this.#terminated) break;
      }
      this.#isBusy = true;
      await this.#outbox.flush();
      this.#rest();
      if (this.#terminated) return;
    }
  }

  /** A change of policy goes first; the message waits. */
  async #untilFree(type: number, first: Promise<void>): Promise<void> {
    this.#rest();
    for (let held: Step = first; held !== undefined; held = this.#beforeMessage(type)) await held;
  }

  /** While a statement is analysed elsewhere nothing of it has been sent: to others this session is at rest. */
  async #aside(work: Promise<unknown>): Promise<void> {
    await this.#outbox.flush();
    this.#rest();
    await work;
    const held = this.#beforeMessage(this.#type);
    if (held !== undefined) await this.#untilFree(this.#type, held);
    this.#isBusy = true;
  }

  /** Resolves as soon as no message of the client is being decided or sent. */
  async atRest(): Promise<void> {
    while (this.#isBusy) await this.#rested.promise;
  }

  #rest(): void {
    this.#isBusy = false;
    this.#rested.resolve();
    this.#rested = Promise.withResolvers();
  }

  #take(frame: Frame): Step {
    try {
      return this.#takeValid(frame);
    } catch (thrown) {
      // A text that is not UTF-8 fails its statement, not the session (SQLSTATE 22021).
      if (!(thrown instanceof AppError) || thrown.code !== 'INVALID_ENCODING') throw thrown;
      const isQuery = frame.type === frontendType.query;
      return this.#outbox.push(isQuery ? refusedQuery : refusedStep, {
        kind: isQuery ? 'query' : 'parse',
        denial: encodingDenial,
      });
    }
  }

  #takeValid(frame: Frame): Step {
    const { skipping, copyIn } = this.#session;
    const { type } = frame;
    if (copyIn) return this.#duringCopyIn(frame);
    // The server discards everything but Sync after an error, so nothing needs to be decided.
    if (skipping && type !== frontendType.sync && type !== frontendType.terminate) return undefined;
    switch (type) {
      case frontendType.query:
        return this.#simple.query(frame);
      case frontendType.parse:
        return this.#extended.parse(frame);
      case frontendType.bind:
        return this.#extended.bind(frame);
      case frontendType.execute:
        return this.#extended.execute(frame);
      case frontendType.describe:
        return this.#extended.describe(frame);
      case frontendType.close:
        return this.#extended.close(frame);
      case frontendType.sync:
        return this.#sync(frame);
      case frontendType.functionCall:
        return this.#outbox.push(refusedQuery, { kind: 'query', denial: functionCallDenial });
      case frontendType.flush:
      case frontendType.copyData:
        // COPY data before CopyInResponse came, or after the COPY failed: the server takes or ignores it.
        return this.#outbox.send(frame.bytes);
      default:
        return this.#ending(frame);
    }
  }

  /** Sync commits an implicit transaction: with it run triggers that a write to a masked table left for then. */
  #sync(frame: Frame): Step {
    const { latch, pipelineOpen, skipping } = this.#session;
    this.#session.skipping = false;
    if (skipping || !pipelineOpen || !latch.commitsInBase || !latch.mustChange('base'))
      return this.#outbox.push(frame.bytes, { kind: 'sync' });
    return this.tiers.enter('base').then(() => {
      this.#session.skipping = false;
      this.#outbox.push(frame.bytes, { kind: 'sync' });
    });
  }

  #duringCopyIn(frame: Frame): Step {
    switch (frame.type) {
      case frontendType.copyData:
        return this.#outbox.send(frame.bytes);
      case frontendType.sync:
      case frontendType.flush:
        // The server ignores both while it takes COPY data, and so no answer is expected.
        return undefined;
      case frontendType.copyDone:
      case frontendType.copyFail:
        this.#session.copyIn = false;
        return this.#ending(frame);
      default:
        return this.#ending(frame);
    }
  }

  /** Messages that end something: a COPY, the session. Nothing else is left. */
  #ending(frame: Frame): undefined {
    switch (frame.type) {
      case frontendType.copyDone:
      case frontendType.copyFail:
        this.#session.copyEnds += 1;
        return this.#outbox.send(frame.bytes);
      case frontendType.terminate:
        this.#terminated = true;
        return this.#outbox.send(frame.bytes);
      default:
        throw new AppError('PROTOCOL_VIOLATION', { message: 'unexpected message from the client' });
    }
  }
}

const encodingDenial = plainDenial({
  sqlstate: '22021',
  message: 'invalid byte sequence for encoding "UTF8"',
  rule: 'encoding',
  hint: 'The agent serves UTF8 only.',
});

const functionCallDenial = plainDenial({
  sqlstate: '0A000',
  message: 'the FunctionCall message is not served',
  rule: 'function-call',
  hint: 'Call the function in a SELECT.',
});
