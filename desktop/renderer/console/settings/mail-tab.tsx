import type { ReactNode } from 'react';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Facts, Section } from '../../ui/page.tsx';
import { FetchedContent } from '../../ui/states.tsx';
import { moment } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { ActionProblem } from '../problem-of.tsx';
import { useAction, useRead } from '../use-console.ts';

/** Whether mail goes out, and how it went lately. */
export function MailTab(): ReactNode {
  const now = useNow();
  const { run, failure, isBusy } = useAction();
  const mail = useRead(['mail'], async (api) => await api.getMailStatus(), { every: 10_000 });
  return (
    <Section title="Mail">
      <FetchedContent query={mail} what="the state of mail">
        {({ isConfigured, from, waiting, lastDay, lastFailure }) =>
          isConfigured ? (
            <div className="flex flex-col gap-3">
              <Facts
                facts={[
                  ['From', from ?? ''],
                  ['Waiting', waiting],
                  ['Sent in 24 hours', lastDay.sent],
                  ['Failed in 24 hours', lastDay.failed],
                  ...(lastFailure === null
                    ? []
                    : [['Last failure', `${moment(lastFailure.at, now)}: ${lastFailure.failure}`] as const]),
                ]}
              />
              <ActionProblem failure={failure} />
              <div>
                <Button
                  unavailable={isBusy}
                  onClick={() =>
                    void run(async (api) => await api.testMail(), 'A test message is on its way to you.')
                  }
                >
                  Send me a test message
                </Button>
              </div>
            </div>
          ) : (
            <Notice severity="information" title="No mail server is configured">
              The operator of the control plane names one in its configuration file.
            </Notice>
          )
        }
      </FetchedContent>
    </Section>
  );
}
