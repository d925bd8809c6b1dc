/** Who is connected through a local port now, as far as this end can tell: the agent knows what they do. */
import * as z from 'zod';

export const portSessionSchema = z.strictObject({
  /** Of this port, for ending it. */
  id: z.string().regex(/^[0-9]{1,20}$/),
  /** `application_name` of its start-up packet; null: it gave none, or none that could be read. */
  program: z.string().max(63).nullable(),
  /** When its start was through: milliseconds since the Unix epoch. */
  since: z.number(),
  /** Bytes that the program said, and was told. */
  sent: z.number().min(0),
  received: z.number().min(0),
});
export type PortSession = z.infer<typeof portSessionSchema>;

/** More are not told at once. */
export const maxPortSessions = 100;
