import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { qrPath } from './qr-path.ts';

export interface QrPictureProps {
  readonly text: string;
  /** What it is of, to who does not see it. */
  readonly label: string;
}

/** Dark on light in both themes, as cameras expect it. Nothing when the text is too long for one. */
export function QrPicture({ text, label }: QrPictureProps): ReactNode {
  const code = useMemo(() => qrPath(text), [text]);
  if (code === null) return null;
  const { size, d } = code;
  return (
    <svg
      // eslint-disable-next-line jsx-a11y/prefer-tag-over-role -- drawn here: a picture by an address would need `data:`
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      className="size-44 flex-none rounded-control border border-border forced-color-adjust-none"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={d} fill="#000" />
    </svg>
  );
}
