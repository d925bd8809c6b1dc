import { decodeAuthentication, encodeAuthentication } from '../pgwire/authentication.ts';
import { decodeBackendKeyData, encodeBackendKeyData } from '../pgwire/backend-key-data.ts';
import { decodeBind, encodeBind } from '../pgwire/bind.ts';
import { decodeBindComplete, encodeBindComplete } from '../pgwire/bind-complete.ts';
import { decodeClose, encodeClose } from '../pgwire/close.ts';
import { decodeCloseComplete, encodeCloseComplete } from '../pgwire/close-complete.ts';
import { decodeCommandComplete, encodeCommandComplete } from '../pgwire/command-complete.ts';
import { decodeCopyBothResponse, encodeCopyBothResponse } from '../pgwire/copy-both-response.ts';
import { decodeCopyData, encodeCopyData } from '../pgwire/copy-data.ts';
import { decodeCopyDone, encodeCopyDone } from '../pgwire/copy-done.ts';
import { decodeCopyFail, encodeCopyFail } from '../pgwire/copy-fail.ts';
import { decodeCopyInResponse, encodeCopyInResponse } from '../pgwire/copy-in-response.ts';
import { decodeCopyOutResponse, encodeCopyOutResponse } from '../pgwire/copy-out-response.ts';
import { decodeDataRow, encodeDataRow } from '../pgwire/data-row.ts';
import { decodeDescribe, encodeDescribe } from '../pgwire/describe.ts';
import { decodeEmptyQueryResponse, encodeEmptyQueryResponse } from '../pgwire/empty-query-response.ts';
import { decodeErrorResponse, encodeErrorResponse } from '../pgwire/error-response.ts';
import { decodeExecute, encodeExecute } from '../pgwire/execute.ts';
import { decodeFlush, encodeFlush } from '../pgwire/flush.ts';
import { decodeFunctionCall, encodeFunctionCall } from '../pgwire/function-call.ts';
import { decodeFunctionCallResponse, encodeFunctionCallResponse } from '../pgwire/function-call-response.ts';
import {
  type BackendMessageName,
  backendType,
  type FrontendMessageName,
  frontendType,
  type Side,
} from '../pgwire/message-types.ts';
import {
  decodeNegotiateProtocolVersion,
  encodeNegotiateProtocolVersion,
} from '../pgwire/negotiate-protocol-version.ts';
import { decodeNoData, encodeNoData } from '../pgwire/no-data.ts';
import { decodeNoticeResponse, encodeNoticeResponse } from '../pgwire/notice-response.ts';
import { decodeNotificationResponse, encodeNotificationResponse } from '../pgwire/notification-response.ts';
import { decodeParameterDescription, encodeParameterDescription } from '../pgwire/parameter-description.ts';
import { decodeParameterStatus, encodeParameterStatus } from '../pgwire/parameter-status.ts';
import { decodeParse, encodeParse } from '../pgwire/parse.ts';
import { decodeParseComplete, encodeParseComplete } from '../pgwire/parse-complete.ts';
import { decodePortalSuspended, encodePortalSuspended } from '../pgwire/portal-suspended.ts';
import { decodeQuery, encodeQuery } from '../pgwire/query.ts';
import { decodeReadyForQuery, encodeReadyForQuery } from '../pgwire/ready-for-query.ts';
import { decodeRowDescription, encodeRowDescription } from '../pgwire/row-description.ts';
import { decodeSaslResponse, encodeSaslResponse } from '../pgwire/sasl-response.ts';
import { decodeSync, encodeSync } from '../pgwire/sync.ts';
import { decodeTerminate, encodeTerminate } from '../pgwire/terminate.ts';

/** A message's two functions, for tests that walk all messages. */
export interface Codec {
  readonly decode: (body: Buffer) => unknown;
  /** Decodes, then encodes what came out. */
  readonly roundTrip: (body: Buffer) => Buffer;
}

function codec<Message>(decode: (body: Buffer) => Message, encode: (message: Message) => Buffer): Codec {
  return { decode, roundTrip: (body) => encode(decode(body)) };
}

const frontend: Readonly<Record<FrontendMessageName, Codec>> = {
  bind: codec(decodeBind, encodeBind),
  close: codec(decodeClose, encodeClose),
  copyData: codec(decodeCopyData, encodeCopyData),
  copyDone: codec(decodeCopyDone, encodeCopyDone),
  copyFail: codec(decodeCopyFail, encodeCopyFail),
  describe: codec(decodeDescribe, encodeDescribe),
  execute: codec(decodeExecute, encodeExecute),
  flush: codec(decodeFlush, encodeFlush),
  functionCall: codec(decodeFunctionCall, encodeFunctionCall),
  parse: codec(decodeParse, encodeParse),
  password: codec(decodeSaslResponse, encodeSaslResponse),
  query: codec(decodeQuery, encodeQuery),
  sync: codec(decodeSync, encodeSync),
  terminate: codec(decodeTerminate, encodeTerminate),
};

const backend: Readonly<Record<BackendMessageName, Codec>> = {
  authentication: codec(decodeAuthentication, encodeAuthentication),
  backendKeyData: codec(decodeBackendKeyData, encodeBackendKeyData),
  bindComplete: codec(decodeBindComplete, encodeBindComplete),
  closeComplete: codec(decodeCloseComplete, encodeCloseComplete),
  commandComplete: codec(decodeCommandComplete, encodeCommandComplete),
  copyBothResponse: codec(decodeCopyBothResponse, encodeCopyBothResponse),
  copyData: codec(decodeCopyData, encodeCopyData),
  copyDone: codec(decodeCopyDone, encodeCopyDone),
  copyInResponse: codec(decodeCopyInResponse, encodeCopyInResponse),
  copyOutResponse: codec(decodeCopyOutResponse, encodeCopyOutResponse),
  dataRow: codec(decodeDataRow, encodeDataRow),
  emptyQueryResponse: codec(decodeEmptyQueryResponse, encodeEmptyQueryResponse),
  errorResponse: codec(decodeErrorResponse, encodeErrorResponse),
  functionCallResponse: codec(decodeFunctionCallResponse, encodeFunctionCallResponse),
  negotiateProtocolVersion: codec(decodeNegotiateProtocolVersion, encodeNegotiateProtocolVersion),
  noData: codec(decodeNoData, encodeNoData),
  noticeResponse: codec(decodeNoticeResponse, encodeNoticeResponse),
  notificationResponse: codec(decodeNotificationResponse, encodeNotificationResponse),
  parameterDescription: codec(decodeParameterDescription, encodeParameterDescription),
  parameterStatus: codec(decodeParameterStatus, encodeParameterStatus),
  parseComplete: codec(decodeParseComplete, encodeParseComplete),
  portalSuspended: codec(decodePortalSuspended, encodePortalSuspended),
  readyForQuery: codec(decodeReadyForQuery, encodeReadyForQuery),
  rowDescription: codec(decodeRowDescription, encodeRowDescription),
};

function byType(
  table: Readonly<Record<string, Codec>>,
  types: Readonly<Record<string, number>>,
): Map<number, Codec> {
  return new Map(
    Object.entries(types).flatMap(([name, type]) => (table[name] === undefined ? [] : [[type, table[name]]])),
  );
}

/** The codecs of every message by side and type byte. */
export const codecs: Readonly<Record<Side, ReadonlyMap<number, Codec>>> = {
  frontend: byType(frontend, frontendType),
  backend: byType(backend, backendType),
};
