import type { Clock } from '@daam/shared/base/clock';
import type { ActivityActor } from './audit/activity.ts';
import type { ControlPlaneConfig, SignUpConfig } from './config.ts';
import type { Store } from './db/store.ts';
import type { Events } from './events.ts';
import type { Person } from './http/call.ts';
import type { OrgSigner } from './identity/org-signer.ts';
import type { PseudonymKeys } from './identity/pseudonym-keys.ts';
import type { MasterKey } from './identity/sealed-box.ts';
import type { MailConfig } from './notifications/mail-config.ts';
import type { Site } from './identity/site.ts';
import type { AllowedAddresses } from './webhooks/addresses.ts';

/** What handlers are built from. */
export interface Services {
  readonly store: Store;
  readonly clock: Clock;
  readonly signer: OrgSigner;
  readonly pseudonyms: PseudonymKeys;
  readonly events: Events;
  /** What secrets at rest are sealed with. */
  readonly master: MasterKey;
  /** Where webhooks may go. */
  readonly webhookAddresses: AllowedAddresses;
  /** Null: no mail is sent. */
  readonly mail: MailConfig | null;
  readonly identity: ControlPlaneConfig['identity'];
  readonly relays: ControlPlaneConfig['relays'];
  /** Whether organizations are made by signing up; null: not. */
  readonly signUp: SignUpConfig | null;
  /** Where people reach the control plane. */
  readonly site: Site;
}

/** A person as the audit names them. */
export function actorOf(person: Person): ActivityActor {
  return { kind: 'user', id: person.id, label: person.email };
}
