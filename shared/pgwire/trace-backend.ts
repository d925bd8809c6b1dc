import { type Authentication, decodeAuthentication } from './authentication.ts';
import { decodeBackendKeyData } from './backend-key-data.ts';
import { decodeCommandComplete } from './command-complete.ts';
import { decodeCopyFormat } from './copy-format.ts';
import { decodeDataRow } from './data-row.ts';
import { decodeDiagnosticFields } from './diagnostic-fields.ts';
import { decodeFunctionCallResponse } from './function-call-response.ts';
import { backendType } from './message-types.ts';
import { decodeNegotiateProtocolVersion } from './negotiate-protocol-version.ts';
import { decodeNotificationResponse } from './notification-response.ts';
import { decodeParameterDescription } from './parameter-description.ts';
import { decodeParameterStatus } from './parameter-status.ts';
import { decodeReadyForQuery } from './ready-for-query.ts';
import { decodeRowDescription } from './row-description.ts';
import { conditionName } from './sqlstate.ts';
import type { FieldPrinter } from './trace-frontend.ts';
import { hiddenText, hiddenValue, quoted } from './trace-text.ts';

/** Printers of server messages by type byte; messages without fields have none. */
export const backendFields: Readonly<Record<number, FieldPrinter>> = {
  [backendType.authentication]: (body) => authentication(decodeAuthentication(body)),
  [backendType.backendKeyData]: (body) => {
    const { pid, secret } = decodeBackendKeyData(body);
    return `pid=${pid} key=<${secret.length} bytes>`;
  },
  [backendType.commandComplete]: (body) => `tag=${quoted(decodeCommandComplete(body).tag)}`,
  [backendType.copyData]: (body, options) => hiddenValue(body, options),
  [backendType.copyInResponse]: copyFormat,
  [backendType.copyOutResponse]: copyFormat,
  [backendType.copyBothResponse]: copyFormat,
  [backendType.dataRow]: (body, options) =>
    `[${decodeDataRow(body)
      .map((value) => hiddenValue(value, options))
      .join(',')}]`,
  [backendType.errorResponse]: diagnostic,
  [backendType.noticeResponse]: diagnostic,
  [backendType.functionCallResponse]: (body, options) =>
    hiddenValue(decodeFunctionCallResponse(body), options),
  [backendType.negotiateProtocolVersion]: (body) => {
    const { protocol, unrecognized } = decodeNegotiateProtocolVersion(body);
    return `protocol=${protocol.major}.${protocol.minor} unrecognized=[${unrecognized.map(quoted).join(',')}]`;
  },
  [backendType.notificationResponse]: (body, options) => {
    const { pid, channel, payload } = decodeNotificationResponse(body);
    return `pid=${pid} channel=${quoted(channel)} payload=${hiddenText(payload, options)}`;
  },
  [backendType.parameterDescription]: (body) => `types=${decodeParameterDescription(body).join(',')}`,
  [backendType.parameterStatus]: (body, options) => {
    const { name, value } = decodeParameterStatus(body);
    return `${quoted(name)}=${hiddenText(value, options)}`;
  },
  [backendType.readyForQuery]: (body) => decodeReadyForQuery(body),
  [backendType.rowDescription]: (body) =>
    decodeRowDescription(body)
      .map((column) => `${quoted(column.name)}:${column.typeOid}@${column.tableOid}.${column.columnNumber}`)
      .join(' '),
};

function authentication(message: Authentication): string {
  if (message.kind === 'sasl') return `sasl mechanisms=${message.mechanisms.map(quoted).join(',')}`;
  return 'data' in message ? `${message.kind} <${message.data.length} bytes>` : message.kind;
}

function copyFormat(body: Buffer): string {
  const { overall, columnFormats } = decodeCopyFormat(body);
  return `${overall} columns=${columnFormats.length}`;
}

/** Names of objects show; messages may quote values. */
function diagnostic(...[body, options]: Parameters<FieldPrinter>): string {
  const fields = decodeDiagnosticFields(body);
  const names = (['schema', 'table', 'column', 'constraint', 'position'] as const).flatMap((key) => {
    const value = fields[key];
    return value === undefined ? [] : [`${key}=${quoted(value)}`];
  });
  const message = hiddenText(fields.message, options);
  const condition = conditionName(fields.code) ?? 'unknown_condition';
  return [quoted(fields.severity).slice(1, -1), fields.code, condition, ...names, `message=${message}`].join(
    ' ',
  );
}
