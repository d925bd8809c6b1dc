import {
  type AuditClaimKind,
  type AuditClaims,
  AuditKeys,
  signClaims,
  type Signed,
} from '@daam/shared/audit/signature';
import { utf8 } from '@daam/shared/base/bytes';
import type { DocumentClaims, DocumentKind } from '@daam/shared/identity/documents';
import {
  generateSigningKey,
  type OrgPublicKey,
  readSigningKey,
  type SigningKey,
  signingKeyText,
} from '@daam/shared/identity/keys';
import { signDocument } from '@daam/shared/identity/sign';
import { type RelayToken, signRelayToken } from '@daam/shared/relay-protocol/token';
import { type OrgKey, OrgKeyEntity } from '../db/entities/org-key.ts';
import type { Scope } from '../db/scope.ts';
import { type MasterKey, seal, unseal } from './sealed-box.ts';

/** Signs claims about the audit log (shared/audit/signature.ts). */
export type AuditSigner = <Kind extends AuditClaimKind>(
  kind: Kind,
  claims: AuditClaims<Kind>,
) => Signed<AuditClaims<Kind>>;

/** Opened keys that are kept, at most. */
const maxOpenKeys = 1000;

/**
 * Signs for organizations with their Ed25519 keys. Private keys are sealed in the database, opened here,
 * and kept as KeyObjects; they are never logged or put into an error.
 */
export class OrgSigner {
  readonly #master: MasterKey;
  readonly #open = new Map<string, SigningKey>();

  constructor(options: { readonly master: MasterKey }) {
    this.#master = options.master;
  }

  /** Makes the organization's key; the caller flushes. */
  createKey(scope: Scope, now: number): void {
    const key = generateSigningKey();
    scope.em.create(OrgKeyEntity, {
      kid: key.kid,
      orgId: scope.org,
      publicX: key.publicKey.x,
      sealedPrivate: seal(this.#master, orgKeyContext(scope.org, key.kid), utf8(signingKeyText(key))),
      masterKeyId: this.#master.id,
      createdAt: new Date(now),
      retiredAt: null,
    });
  }

  /** The public keys that documents may verify against, current first. */
  async publicKeys(scope: Scope): Promise<OrgPublicKey[]> {
    const keys = await scope.em.find(OrgKeyEntity, {}, { orderBy: { retiredAt: 'desc nulls first' } });
    return keys.map(({ kid, publicX }) => ({ kid, x: publicX }));
  }

  /** Signs with the current key. Throws INVALID_CONFIG when the master key is not the one it was sealed with. */
  async sign<Kind extends DocumentKind>(
    scope: Scope,
    kind: Kind,
    claims: DocumentClaims[Kind],
  ): Promise<string> {
    const key = await scope.em.findOneOrFail(OrgKeyEntity, { retiredAt: null });
    return await signDocument(kind, claims, this.#signingKey(scope.org, key));
  }

  /** Signs an admission to a relay, with the current key. */
  async signRelayToken(scope: Scope, token: RelayToken): Promise<string> {
    const key = await scope.em.findOneOrFail(OrgKeyEntity, { retiredAt: null });
    return await signRelayToken(token, this.#signingKey(scope.org, key));
  }

  /** Signs what the audit log says of itself, with the key that is current now, as often as it is called. */
  async auditSigner(scope: Scope): Promise<AuditSigner> {
    const key = await scope.em.findOneOrFail(OrgKeyEntity, { retiredAt: null });
    const signing = this.#signingKey(scope.org, key);
    return (kind, claims) => signClaims(kind, claims, signing);
  }

  /**
   * The public keys by which this control plane believes what is signed in its own store: of those alone whose
   * private half the master key opens, so that nobody who can write to the database adds one.
   */
  async auditKeys(scope: Scope): Promise<AuditKeys> {
    const keys = await scope.em.find(OrgKeyEntity, {});
    return new AuditKeys(keys.flatMap((key) => this.#ownKey(scope.org, key)));
  }

  #ownKey(org: string, key: OrgKey): OrgPublicKey[] {
    try {
      return [this.#signingKey(org, key).publicKey];
    } catch {
      return [];
    }
  }

  #signingKey(org: string, { kid, sealedPrivate }: OrgKey): SigningKey {
    const context = orgKeyContext(org, kid);
    const known = this.#open.get(context);
    if (known !== undefined) return known;
    const opened = readSigningKey(Buffer.from(unseal(this.#master, context, sealedPrivate)).toString('utf8'));
    if (this.#open.size >= maxOpenKeys) this.#open.clear();
    this.#open.set(context, opened);
    return opened;
  }
}

/** Binds a sealed key to its organization and id. */
export function orgKeyContext(org: string, kid: string): string {
  return `daam org key v1 ${org} ${kid}`;
}
