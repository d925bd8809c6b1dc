/** What happened, as the audit tells it (audit/activity.ts). */
export interface NotifiedEvent {
  readonly type: string;
  readonly actor: { readonly kind: string; readonly id: string | null; readonly label: string };
  readonly target: { readonly kind: string; readonly id: string | null; readonly label: string };
  readonly detail: Readonly<Record<string, unknown>>;
  readonly before?: Readonly<Record<string, unknown>> | undefined;
  readonly after?: Readonly<Record<string, unknown>> | undefined;
}
