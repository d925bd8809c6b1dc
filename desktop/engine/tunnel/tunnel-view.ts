import type { PathKind } from '@daam/shared/wireguard/sidecar-channel';
import type { AppError } from '@daam/shared/errors/app-error';
import * as z from 'zod';

/** How the bytes of a connection travel now. `loopback`: without a tunnel, to an agent on this machine. */
export const pathViewSchema = z.strictObject({
  kind: z.enum(['none', 'relay', 'direct', 'both', 'loopback']),
  /** The agent's `address:port` on a direct path. */
  address: z.string().max(64).nullable(),
  /** Round trip in milliseconds, as last measured; null when it was not. */
  rttMs: z.number().min(0).nullable(),
});
export type PathView = z.infer<typeof pathViewSchema>;

/** Where the connection to the relay stands; `waiting` tells until when, in milliseconds, and why. */
export const relayViewSchema = z.strictObject({
  state: z.enum(['connecting', 'connected', 'waiting']),
  retryInMs: z.number().min(0),
  reason: z.string().max(1_000),
});
export type RelayView = z.infer<typeof relayViewSchema>;

/** Why clients of a port are refused now. */
export const failureViewSchema = z.strictObject({
  code: z.string().max(64),
  message: z.string().max(2_000),
  hint: z.string().max(2_000).nullable(),
});
export type FailureView = z.infer<typeof failureViewSchema>;

/** What there is to tell of a connection besides its address. All null where there is no tunnel. */
export interface TunnelView {
  readonly path: PathView | null;
  readonly relay: RelayView | null;
  readonly failure: FailureView | null;
}

/** The view of a path as the sidecar tells it; it measures none as 0. */
export function toPathView(kind: PathKind, address: string | null, rttMs: number): PathView {
  return { kind, address, rttMs: rttMs > 0 ? Math.round(rttMs * 1_000) / 1_000 : null };
}

/** What of a failure may be shown. */
export function toFailureView({ code, message, hint }: AppError): FailureView {
  return { code, message, hint: hint ?? null };
}
