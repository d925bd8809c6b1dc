import { encodeNoticeResponse } from '@daam/shared/pgwire/notice-response';

/** Sent before the result of a statement whose value masks could not be computed. */
export const degradedNotice: Buffer = encodeNoticeResponse({
  severity: 'NOTICE',
  code: '01000',
  message: 'masked columns are shown as *** in this statement',
  detail: 'User-written code ran, or may have been made, in this session or transaction.',
  hint: 'End the transaction or open a new connection to see the usual masks.',
});
