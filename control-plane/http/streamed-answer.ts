import type { Readable } from 'node:stream';

/** An answer that is not held in memory: the pipeline sends the stream as it comes, as a file. */
export class StreamedAnswer {
  readonly body: Readable;
  readonly mediaType: string;
  /** Letters, digits, `.` and `-`. */
  readonly fileName: string;

  constructor(answer: { readonly body: Readable; readonly mediaType: string; readonly fileName: string }) {
    this.body = answer.body;
    this.mediaType = answer.mediaType;
    this.fileName = answer.fileName;
  }
}
