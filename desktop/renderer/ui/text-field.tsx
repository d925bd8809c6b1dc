import { clsx } from 'clsx';
import { useId } from 'react';
import type { InputHTMLAttributes, ReactNode, Ref, TextareaHTMLAttributes } from 'react';

const box =
  'w-full rounded-control border bg-surface px-2 text-text placeholder:text-text-3 aria-invalid:border-bad read-only:bg-sunken';

interface Framing {
  readonly label: string;
  /** The label is for screen readers only; something visible says the same. */
  readonly isLabelHidden?: boolean;
  readonly hint?: ReactNode;
  /** What is wrong with the value, with how to mend it. */
  readonly error?: string | null | undefined;
}

export interface TextFieldProps extends InputHTMLAttributes<HTMLInputElement>, Framing {
  readonly ref?: Ref<HTMLInputElement>;
  /** SQL, names of columns, ports. */
  readonly isData?: boolean;
}

/** One line of text with its label, hint and error. */
export function TextField(props: TextFieldProps): ReactNode {
  const { label, isLabelHidden, hint, error, isData = false, className, ...rest } = props;
  return (
    <Framed framing={{ label, isLabelHidden, hint, error }} className={className}>
      {(aria) => (
        <input
          type="text"
          {...rest}
          {...aria}
          className={clsx(box, 'h-7 border-control', isData && 'font-data')}
        />
      )}
    </Framed>
  );
}

export interface TextAreaProps extends TextareaHTMLAttributes<HTMLTextAreaElement>, Framing {
  readonly ref?: Ref<HTMLTextAreaElement>;
  readonly isData?: boolean;
}

/** Several lines of text with label, hint and error. */
export function TextArea(props: TextAreaProps): ReactNode {
  const { label, isLabelHidden, hint, error, isData = false, className, ...rest } = props;
  return (
    <Framed framing={{ label, isLabelHidden, hint, error }} className={className}>
      {(aria) => (
        <textarea
          rows={3}
          {...rest}
          {...aria}
          onFocus={(event) => {
            // By itself the browser brings only the line of the cursor into sight (WCAG 2.4.11).
            event.currentTarget.scrollIntoView({ block: 'nearest' });
            rest.onFocus?.(event);
          }}
          className={clsx(box, 'border-control py-1', isData && 'font-data')}
        />
      )}
    </Framed>
  );
}

interface Aria {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': true | undefined;
}

function Framed({
  framing,
  className,
  children,
}: {
  readonly framing: { [K in keyof Framing]: Framing[K] | undefined };
  readonly className: string | undefined;
  readonly children: (aria: Aria) => ReactNode;
}): ReactNode {
  const id = useId();
  const { label, isLabelHidden = false, hint, error } = framing;
  const described = [hint === undefined ? null : `${id}-hint`, error ? `${id}-error` : null].filter(Boolean);
  return (
    <div className={clsx('flex min-w-0 flex-col gap-1', className)}>
      <label htmlFor={id} className={isLabelHidden ? 'sr-only' : 'font-medium'}>
        {label}
      </label>
      {children({
        id,
        'aria-describedby': described.length === 0 ? undefined : described.join(' '),
        'aria-invalid': error ? true : undefined,
      })}
      {hint === undefined ? null : (
        <div id={`${id}-hint`} className="text-12 text-text-2">
          {hint}
        </div>
      )}
      {error ? (
        <p id={`${id}-error`} className="text-12 text-bad">
          {error}
        </p>
      ) : null}
    </div>
  );
}
