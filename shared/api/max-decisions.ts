/** Requests that one touch decides, at most: more cannot be read on one page. */
export const maxDecisions = 20;
