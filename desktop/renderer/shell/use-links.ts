import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { Target } from '../../ipc/schema.ts';
import { useBridge } from '../bridge/bridge-context.ts';
import { addressOf } from './target-address.ts';

/** A link from outside that waits for a yes. */
export interface AskedLink {
  readonly target: Target;
  readonly open: () => void;
  readonly dismiss: () => void;
}

/**
 * What was followed outside of the page: a notification of ours opens its screen; a link, which anyone may have made, is asked
 * about first. Nothing is run or approved by either.
 */
export function useLinks(): AskedLink | null {
  const bridge = useBridge();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<Target | null>(null);
  useEffect(
    () =>
      bridge.on('linkOpened', ({ target, from }) => {
        if (from === 'link') setAsked(target);
        else void navigate({ href: addressOf(target) });
      }),
    [bridge, navigate],
  );
  if (asked === null) return null;
  return {
    target: asked,
    open: () => {
      setAsked(null);
      void navigate({ href: addressOf(asked) });
    },
    dismiss: () => setAsked(null),
  };
}
