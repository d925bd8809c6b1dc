import * as z from 'zod';
import { secretStoreKinds } from './secret-store.ts';

const uuid = z.uuid();

/** Who is signed in on this device, where, and with which device. No secret is in it. */
export const accountSchema = z.strictObject({
  version: z.literal(1),
  controlPlane: z.url(),
  user: z.strictObject({ id: uuid, email: z.string().max(254), name: z.string() }),
  organization: z.strictObject({ id: uuid, name: z.string() }),
  device: z.strictObject({ id: uuid, name: z.string(), publicKey: z.string() }),
  secretStore: z.enum(secretStoreKinds),
  /** How: a certificate that a passkey stands behind ends, and only the person can have it made anew. */
  signedInWith: z.enum(['token', 'passkey']).default('token'),
  signedInAt: z.iso.datetime(),
});
export type Account = z.infer<typeof accountSchema>;

/** A document that the control plane issued for a time. Times are milliseconds since the Unix epoch. */
const held = { issuedAt: z.number(), expiresAt: z.number() };

export const heldCertificateSchema = z.strictObject({ ...held, device: uuid, certificate: z.string() });
export type HeldCertificate = z.infer<typeof heldCertificateSchema>;

export const agentTargetSchema = z.strictObject({
  id: uuid,
  host: z.string().min(1).max(253),
  port: z.int().min(1).max(65_535),
});
export type AgentTarget = z.infer<typeof agentTargetSchema>;

/** Admission to a relay. The token proves nothing without the device key, but it is kept like the certificate. */
export const heldTicketSchema = z.strictObject({
  name: z.string(),
  url: z.string(),
  stun: z.array(z.string()),
  token: z.string(),
  expiresAt: z.number(),
});
export type HeldTicket = z.infer<typeof heldTicketSchema>;

/** How an agent is reached through the tunnel: its WireGuard key and addresses. */
export const tunnelWaySchema = z.strictObject({ publicKey: z.string(), candidates: z.array(z.string()) });
export type TunnelWay = z.infer<typeof tunnelWaySchema>;

export const heldGrantSchema = z.strictObject({
  ...held,
  database: uuid,
  /** base64url SHA-256 of the certificate that the grant is bound to. */
  certificateHash: z.string(),
  grant: z.string(),
  agent: agentTargetSchema.nullable(),
  tunnel: tunnelWaySchema.nullable().default(null),
  relay: heldTicketSchema.nullable().default(null),
});
export type HeldGrant = z.infer<typeof heldGrantSchema>;

/** A database that the person may use, as last read from the control plane. */
export const knownDatabaseSchema = z.strictObject({
  id: uuid,
  name: z.string().min(1).max(255),
  environment: z.enum(['production', 'staging', 'development']),
  state: z.enum(['online', 'offline', 'unregistered']),
  policies: z.array(z.string()),
  agent: agentTargetSchema.nullable(),
});
export type KnownDatabase = z.infer<typeof knownDatabaseSchema>;

export const databaseCacheSchema = z.strictObject({ asOf: z.number(), items: z.array(knownDatabaseSchema) });

/** The name that PostgreSQL clients are told to use: the local part of the e-mail address. It proves nothing. */
export function loginNameOf(email: string): string {
  return email.split('@')[0] ?? email;
}

/** Whether two accounts are one person on one device, signed in alike: then what is open may stay so. */
export function isSameDevice(a: Account, b: Account): boolean {
  return (
    a.controlPlane === b.controlPlane &&
    a.user.id === b.user.id &&
    a.device.publicKey === b.device.publicKey &&
    a.signedInWith === b.signedInWith
  );
}
