/** Branded identifiers: a UserId cannot be passed where a DeviceId is meant. All are UUIDs as text. */
declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type OrgId = Branded<'OrgId'>;
export type UserId = Branded<'UserId'>;
export type GroupId = Branded<'GroupId'>;
export type DeviceId = Branded<'DeviceId'>;
export type DatabaseId = Branded<'DatabaseId'>;
export type AgentId = Branded<'AgentId'>;
export type PolicyId = Branded<'PolicyId'>;
export type SessionId = Branded<'SessionId'>;

export type AnyId = OrgId | UserId | GroupId | DeviceId | DatabaseId | AgentId | PolicyId | SessionId;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** True for a UUID in lower-case canonical text (RFC 9562 section 4). */
export function isUuid(text: string): boolean {
  return uuid.test(text);
}

/** Brands a checked UUID; a value that is not one throws a TypeError. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names the brand
export function asId<Id extends AnyId>(text: string): Id {
  if (!isUuid(text)) throw new TypeError('not a UUID');
  return text as Id;
}
