import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useBridge } from '../bridge/bridge-context.ts';
import { addressOf } from './target-address.ts';

/** A link of the system or a notification was followed: its screen opens, and nothing is run or approved by it. */
export function useLinks(): void {
  const bridge = useBridge();
  const navigate = useNavigate();
  useEffect(
    () => bridge.on('linkOpened', ({ target }) => void navigate({ href: addressOf(target) })),
    [bridge, navigate],
  );
}
