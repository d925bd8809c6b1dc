import type { DeviceId, OrgId, UserId } from '@daam/shared/domain/ids';
import type { PeerIdentity } from '../tunnel/accept.ts';

/** Who is at the other end of a session that a test opens without a tunnel. */
export const samplePeer: PeerIdentity = {
  user: 'u' as UserId,
  email: 'dev@example.com',
  device: 'd' as DeviceId,
  org: 'o' as OrgId,
  certificateJti: 'j',
  authTime: 0,
  expiresAt: 0,
  path: 'loopback',
};
