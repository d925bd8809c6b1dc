import { AppError } from '@daam/shared/errors/app-error';
import type * as z from 'zod';
import type { StateFolder } from '../state-folder.ts';

/** What the state folder reads back at most. Bytes. */
const maxBytes = 4 * 1024 * 1024;

/** One value in one file of the state folder: read once, replaced as a whole. */
export class KeptValue<Value> {
  readonly #of: {
    readonly state: StateFolder;
    readonly file: string;
    readonly schema: z.ZodType<Value>;
    readonly initial: Value;
  };
  #value: Promise<Value> | null = null;
  #writing: Promise<void> = Promise.resolve();
  #changing: Promise<unknown> = Promise.resolve();

  constructor(of: {
    readonly state: StateFolder;
    readonly file: string;
    readonly schema: z.ZodType<Value>;
    readonly initial: Value;
  }) {
    this.#of = of;
  }

  /** What was kept; the initial value when there is nothing, or nothing that fits. */
  read(): Promise<Value> {
    const { state, file, schema, initial } = this.#of;
    return (this.#value ??= state.read(file, schema).then(
      (value) => value ?? initial,
      () => initial,
    ));
  }

  /** TOO_LARGE when it could not be read back. */
  async write(value: Value): Promise<void> {
    const { state, file } = this.#of;
    if (Buffer.byteLength(JSON.stringify(value, null, 2)) >= maxBytes) {
      throw new AppError('TOO_LARGE', { message: 'This is more than is kept on this device.' });
    }
    this.#value = Promise.resolve(value);
    this.#writing = this.#writing.catch(() => {}).then(async () => await state.write(file, value));
    await this.#writing;
  }

  /** Changes what is kept; one change after another. */
  change(step: (value: Value) => Value): Promise<Value> {
    return this.#inOrder(async () => {
      const changed = step(await this.read());
      await this.write(changed);
      return changed;
    });
  }

  /** Nothing is kept any more: after what is being changed, before what is changed later. */
  forget(): Promise<void> {
    return this.#inOrder(async () => {
      this.#value = Promise.resolve(this.#of.initial);
      this.#writing = this.#writing
        .catch(() => {})
        .then(async () => void (await this.#of.state.remove(this.#of.file)));
      await this.#writing;
    });
  }

  #inOrder<Result>(act: () => Promise<Result>): Promise<Result> {
    const changing = this.#changing.then(act);
    this.#changing = changing.catch(() => {});
    return changing;
  }
}
