/**
 * What a passkey signs when its owner puts a database's policies in force: this document, over this revision, and
 * nothing else. The assertion is kept with the revision and in the activity audit, so that a publication can be proved
 * by the passkey's public key alone.
 *
 *   challenge = SHA-256(label ‖ nonce (32) ‖ SHA-256 of the canonical JSON of the publication)
 */
import { createHash } from 'node:crypto';
import { fromBase64Url } from '../base/bytes.ts';
import { canonicalJson } from '../base/canonical-json.ts';

/** What a publication says. */
export interface SignedPublication {
  readonly org: string;
  /** Who publishes. */
  readonly user: string;
  /** Whose policies: the database's id. */
  readonly database: string;
  /** The revision in force, which this one follows; 0 before the first. */
  readonly base: number;
  /** SHA-256 of the canonical JSON of the document, base64url: what agents enforce. */
  readonly document: string;
  /** SHA-256 of the text with its comments, base64url: what the revision keeps. */
  readonly text: string;
  /** The proposal that is published, and who made it; null: the publisher's own document. */
  readonly proposal: { readonly id: string; readonly by: string } | null;
  readonly comment: string;
}

/** The challenge that the authenticator signs, base64url. `nonce` is 32 bytes in base64url. */
export function publicationChallenge(
  { org, user, database, base, document, text, proposal, comment }: SignedPublication,
  nonce: string,
): string {
  const said = canonicalJson({ org, user, database, base, document, text, proposal, comment });
  return createHash('sha256')
    .update('daam policy publication v1\0')
    .update(fromBase64Url(nonce))
    .update(createHash('sha256').update(said).digest())
    .digest('base64url');
}

/** The hashes of a document and its text as a publication names them. */
export function publicationHashes(
  document: object,
  text: string,
): Pick<SignedPublication, 'document' | 'text'> {
  const hash = (said: string): string => createHash('sha256').update(said).digest('base64url');
  return { document: hash(canonicalJson(document)), text: hash(text) };
}
