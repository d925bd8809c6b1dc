import { useState } from 'react';

/** A choice of the person on this device; it holds for this visit when the browser keeps nothing. */
export function useStoredChoice(key: string): [value: string | null, set: (value: string) => void] {
  const [value, setValue] = useState(() => read(key));
  return [
    value,
    (chosen) => {
      setValue(chosen);
      try {
        localStorage.setItem(key, chosen);
      } catch {
        // Kept in memory only.
      }
    },
  ];
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
