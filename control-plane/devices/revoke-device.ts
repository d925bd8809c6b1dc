import type { Device } from '../db/entities/device.ts';
import { OrganizationEntity } from '../db/entities/organization.ts';
import { query } from '../db/query.ts';
import type { Scope } from '../db/scope.ts';
import { revokeApiTokens } from '../identity/revoke-api-tokens.ts';
import { bumpEpochs, databasesOfUser } from '../policies/access-change.ts';

/** Ends a device: its access tokens, and the API tokens that were made with it, open nothing any more, and agents refuse its certificate at commit. */
export async function revokeDeviceRow(scope: Scope, device: Device, now: number): Promise<void> {
  device.revokedAt = new Date(now);
  const organization = await scope.em.findOneOrFail(OrganizationEntity, { id: scope.org });
  organization.revocationEpoch += 1;
  await scope.em.flush();
  await query(
    scope.em,
    'update access_tokens set revoked_at = ? where org_id = ? and device_id = ? and revoked_at is null',
    [new Date(now), scope.org, device.id],
  );
  await revokeApiTokens(scope, { by: 'device_id', id: device.id }, now);
  await bumpEpochs(scope, await databasesOfUser(scope, device.userId));
}
