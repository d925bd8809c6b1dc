/**
 * Whether a spreadsheet could calculate a text that it opens as a cell (OWASP, CSV Injection). Spreadsheets look at the first
 * character, some after white space; wide signs count too. A `'` before the text makes it harmless.
 */
export function isSpreadsheetFormula(text: string): boolean {
  return /^(?:[\s\p{Cc}]*[=+\-@\uff1d\uff0b\uff0d\uff20|%]|[\t\r])/u.test(text);
}
