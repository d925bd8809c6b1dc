/** Values that several parts of the bridge share. Every text and list has a ceiling. */
import { errorCodes, type ErrorCode } from '@daam/shared/errors/codes';
import * as z from 'zod';

export const name = z.string().min(1).max(256);
/** An id that a screen or the engine made up. */
export const key = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, - and _');
export const time = z.iso.datetime({ offset: true });
export const port = z.int().min(1).max(65_535);
export const count = z.int().min(0);
/** A place in a text, in UTF-16 code units, as editors count. */
export const place = z.int().min(0).max(4_000_000);
export const nothing = z.strictObject({});
export const oneDatabase = z.strictObject({ database: name });
/** Text of statements. */
export const sqlText = z.string().max(1_000_000);

/** A failure as a screen may show it. An AppError's `detail` and `cause` never get here. */
export const bridgeErrorSchema = z.strictObject({
  code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]),
  message: z.string().max(2_000),
  hint: z.string().max(2_000).nullable(),
  field: z.string().max(256).nullable(),
});
