/**
 * The pass to the control plane's own API, with the engine's token, which never crosses: for requests, activity,
 * devices and the console. Which routes may pass is the engine's to say (engine/api-pass.ts); the route table itself
 * (shared/api/routes) is not loaded here, since every screen loads this.
 */
import * as z from 'zod';

const scalar = z.union([z.string().max(2_000), z.number(), z.boolean()]);
const fieldName = z.string().max(64);

export const apiMethods = {
  /** Typed by `apiOverBridge`. Failures keep the control plane's code, message, field and hint. */
  callApi: {
    params: z.strictObject({
      /** Name of a route. */
      route: z.string().regex(/^[a-zA-Z]{1,64}$/),
      params: z.record(fieldName, z.string().max(300)).optional(),
      query: z.record(fieldName, scalar).optional(),
      body: z.unknown().optional(),
    }),
    /** `value` is absent where the route answers nothing. */
    result: z.strictObject({ value: z.unknown().optional() }),
  },
} as const;
