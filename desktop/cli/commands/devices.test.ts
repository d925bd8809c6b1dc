import type { DeviceView } from '@daam/shared/api/routes/devices';
import { describe, expect, it } from 'vitest';
import { findDevice } from './devices.ts';

const device = (id: string, name: string, revokedAt: string | null = null): DeviceView => ({
  id,
  name,
  os: 'linux',
  wgKey: 'A'.repeat(43),
  createdAt: '2030-01-01T00:00:00.000Z',
  certificateExpiresAt: null,
  lastUsedAt: null,
  isCurrent: false,
  revokedAt,
});
const devices = [
  device('11111111-0000-4000-8000-000000000001', 'laptop'),
  device('22222222-0000-4000-8000-000000000002', 'desk'),
  device('22222222-0000-4000-8000-000000000003', 'desk'),
  device('33333333-0000-4000-8000-000000000004', 'old', '2030-01-01T00:00:00.000Z'),
];

describe('the device that is meant', () => {
  it.each([
    ['its id', '22222222-0000-4000-8000-000000000003', 2],
    ['its name', 'laptop', 0],
    ['the beginning of its id', '11111111', 0],
  ])('is found by %s', (_, which, index) => {
    expect(findDevice(devices, which)).toBe(devices[index]);
  });

  it.each([
    ['a name of two', 'desk', 'CONFLICT'],
    ['a beginning of two', '22222222', 'CONFLICT'],
    ['too short a beginning', '1111111', 'NOT_FOUND'],
    ['a revoked one', 'old', 'NOT_FOUND'],
    ['nothing', '', 'NOT_FOUND'],
  ])('is not guessed from %s', (_, which, code) => {
    expect(() => findDevice(devices, which)).toThrow(expect.objectContaining({ code }) as Error);
  });
});
