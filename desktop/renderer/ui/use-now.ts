import { useEffect, useState } from 'react';

/** The moment in milliseconds, looked at again every `step` milliseconds: for "42 min ago" and "ends in". */
export function useNow(step = 30_000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), step);
    return () => clearInterval(timer);
  }, [step]);
  return now;
}
