import { z } from 'zod';

/**
 * What an agent's doctor found on its database (enforcement.md 7): names of objects and the SQL that mends them, never
 * a value. The agent prints it (`daam-agent introspect`) and sends it over its feed; the control plane stores the last.
 */

/** critical: a promise does not hold. warning: something is weaker than it could be, or unusable. info: to know. */
export const severities = ['critical', 'warning', 'info'] as const;
export const severity = z.enum(severities);
export type Severity = z.infer<typeof severity>;

export const doctorFinding = z.object({
  /** Stable name of the check. */
  check: z.string().regex(/^[a-z0-9-]{1,64}$/),
  severity,
  /** What it is about: a table, a function, a role; null: the database or the server as a whole. */
  object: z.string().max(300).nullable(),
  message: z.string().max(1000),
  /** SQL that mends it, for a person to read and run; null where SQL does not. Never run by DAAM. */
  mend: z.string().max(2000).nullable(),
});
export type DoctorFinding = z.infer<typeof doctorFinding>;

/** Ceiling of `findings`. */
export const maxFindings = 500;

/** Ceiling of a whole report as JSON, in bytes. */
export const maxReportBytes = 48 * 1024;

export const doctorReport = z.object({
  /** ISO 8601 in UTC, by the agent's clock. */
  checkedAt: z.iso.datetime(),
  database: z.string().max(63),
  /** `server_version` as the server says it. */
  serverVersion: z.string().max(200),
  /** Table patterns of `upstream.scope`, at most the first 100; null: the agent sets no limit of its own. */
  scope: z.array(z.string().max(400)).max(100).nullable(),
  /** The epoch of the policies that were looked at; null: none were there. */
  policyEpoch: z.number().int().min(0).nullable(),
  /** The most severe first. */
  findings: z.array(doctorFinding).max(maxFindings),
  /** Findings that did not fit. */
  omitted: z.number().int().min(0),
});
export type DoctorReport = z.infer<typeof doctorReport>;
