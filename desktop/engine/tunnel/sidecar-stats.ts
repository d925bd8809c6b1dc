import { pathKinds } from '@daam/shared/wireguard/sidecar-channel';
import * as z from 'zod';
import { maxPortSessions } from '../port-session.ts';

const peerSchema = z.object({
  publicKey: z.string(),
  path: z.enum(pathKinds),
  address: z.string().nullable(),
  rttMs: z.number(),
});
/** A peer as the sidecar tells it. */
export type SidecarPeer = z.infer<typeof peerSchema>;

/** The part of the sidecar's answer to `forward.sessions` that is used. */
export const sidecarSessionsSchema = z.object({
  sessions: z
    .array(
      z.object({
        conn: z.int().min(0),
        program: z.string().max(63),
        ageMs: z.number().min(0),
        sent: z.number().min(0),
        received: z.number().min(0),
      }),
    )
    .max(maxPortSessions),
});

/** The part of the sidecar's answer to `stats` that is used. */
export const statsSchema = z.object({
  peers: z.array(peerSchema),
  /** `address:port` under which this end may be found. */
  addresses: z.array(z.string().max(64)),
});
