import { useEffect, useState } from 'react';

/** What is longer is shown as it was sent: formatting it would hold the screen up. */
const maxFormatted = 20_000;

/** The text of a statement with its lines broken; as it was sent while the formatter loads, and where it cannot read it. */
export function useFormattedSql(text: string): string {
  const [formatted, setFormatted] = useState({ of: '', text: '' });
  useEffect(() => {
    if (text.length > maxFormatted) return undefined;
    let isGone = false;
    void import('sql-formatter').then(({ format }) => {
      if (isGone) return;
      try {
        setFormatted({ of: text, text: format(text, { language: 'postgresql' }) });
      } catch {
        setFormatted({ of: text, text });
      }
    });
    return () => {
      isGone = true;
    };
  }, [text]);
  return formatted.of === text ? formatted.text : text;
}
