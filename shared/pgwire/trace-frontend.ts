import { decodeBind } from './bind.ts';
import { decodeClose } from './close.ts';
import { decodeCopyFail } from './copy-fail.ts';
import { decodeDescribe } from './describe.ts';
import { decodeExecute } from './execute.ts';
import { decodeFunctionCall } from './function-call.ts';
import { frontendType } from './message-types.ts';
import type { NamedObject } from './named-object.ts';
import { decodeParse } from './parse.ts';
import { decodeQuery } from './query.ts';
import { hiddenSql, hiddenText, hiddenValue, quoted, type TraceOptions } from './trace-text.ts';

/** What a trace says after a message's name. Decoders may throw AppErrors; `traceFrame` catches them. */
export type FieldPrinter = (body: Buffer, options: TraceOptions) => string;

const namedObject = (object: NamedObject): string => `${object.target}=${quoted(object.name)}`;

/** Printers of client messages by type byte; messages without fields have none. */
export const frontendFields: Readonly<Record<number, FieldPrinter>> = {
  [frontendType.query]: (body, options) => `sql=${hiddenSql(decodeQuery(body).sql, options)}`,
  [frontendType.parse]: (body, options) => {
    const { name, sql, parameterTypes } = decodeParse(body);
    return `name=${quoted(name)} sql=${hiddenSql(sql, options)} types=${parameterTypes.join(',')}`;
  },
  [frontendType.bind]: (body, options) => {
    const bind = decodeBind(body);
    const values = bind.parameters.map((value) => hiddenValue(value, options)).join(',');
    const formats = `formats=${bind.parameterFormats.join(',')} results=${bind.resultFormats.join(',')}`;
    return `portal=${quoted(bind.portal)} statement=${quoted(bind.statement)} values=[${values}] ${formats}`;
  },
  [frontendType.describe]: (body) => namedObject(decodeDescribe(body)),
  [frontendType.close]: (body) => namedObject(decodeClose(body)),
  [frontendType.execute]: (body) => {
    const { portal, maxRows } = decodeExecute(body);
    return `portal=${quoted(portal)} maxRows=${maxRows}`;
  },
  [frontendType.functionCall]: (body, options) => {
    const call = decodeFunctionCall(body);
    const values = call.arguments.map((value) => hiddenValue(value, options)).join(',');
    return `function=${call.functionOid} arguments=[${values}]`;
  },
  [frontendType.copyData]: (body, options) => hiddenValue(body, options),
  [frontendType.copyFail]: (body, options) => `reason=${hiddenText(decodeCopyFail(body).reason, options)}`,
  [frontendType.password]: (body) => `<${body.length} bytes>`,
};
