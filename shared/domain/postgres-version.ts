/** The server majors that DAAM speaks to. */
export const supportedMajors = [13, 14, 15, 16, 17, 18] as const;

export type PostgresMajor = (typeof supportedMajors)[number];

/** True for a major version that DAAM supports. */
export function isSupportedMajor(major: number): major is PostgresMajor {
  return (supportedMajors as readonly number[]).includes(major);
}
