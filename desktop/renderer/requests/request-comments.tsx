import { toAppError } from '@daam/shared/errors/app-error';
import type { AppError } from '@daam/shared/errors/app-error';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode, RefObject } from 'react';
import { useApi } from '../bridge/use-api.ts';
import { apiKey } from '../bridge/use-engine-data.ts';
import { Button } from '../ui/button.tsx';
import { Section } from '../ui/page.tsx';
import { Problem } from '../ui/states.tsx';
import { TextArea } from '../ui/text-field.tsx';
import { moment } from '../ui/time.ts';
import { useNow } from '../ui/use-now.ts';

interface Comment {
  readonly id: string;
  readonly by: { readonly email: string };
  readonly at: string;
  readonly text: string;
}

/** What was said about a request, and a field to say more. */
export function RequestComments({
  id,
  comments,
  field,
}: {
  readonly id: string;
  readonly comments: readonly Comment[];
  readonly field?: RefObject<HTMLTextAreaElement | null>;
}): ReactNode {
  const api = useApi();
  const queries = useQueryClient();
  const now = useNow();
  const [text, setText] = useState('');
  const [failure, setFailure] = useState<AppError | null>(null);
  async function say(): Promise<void> {
    try {
      await api.commentOnRequest({ params: { id }, body: { text: text.trim() } });
      setText('');
      setFailure(null);
      await queries.invalidateQueries({ queryKey: [apiKey, 'request', id] });
    } catch (thrown) {
      setFailure(toAppError(thrown));
    }
  }
  return (
    <Section title="Comments">
      <ul className="flex flex-col gap-2">
        {comments.map((comment) => (
          <li key={comment.id}>
            <span className="text-12 text-text-2">
              {comment.by.email}, {moment(comment.at, now)}
            </span>
            <p className="break-words whitespace-pre-wrap">{comment.text}</p>
          </li>
        ))}
      </ul>
      <form
        className="mt-2 flex flex-col items-start gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== '') void say();
        }}
      >
        <TextArea
          label="Say something"
          className="w-full"
          maxLength={2_000}
          value={text}
          {...(field === undefined ? {} : { ref: field })}
          onChange={({ target }) => setText(target.value)}
        />
        {failure === null ? null : <Problem error={failure} />}
        <Button type="submit" unavailable={text.trim() === ''}>
          Comment
        </Button>
      </form>
    </Section>
  );
}
