/** Plans that were looked at, by tab: for comparing, in this page's memory alone. */

export interface KeptPlan {
  /** Id of its result, which may be gone. */
  readonly id: string;
  readonly tab: string;
  readonly name: string;
  readonly at: string;
  readonly json: string;
}

const mostOfTab = 10;
const longest = 1_000_000;

let kept: readonly KeptPlan[] = [];

export function keepPlan(plan: KeptPlan): void {
  if (plan.json.length > longest || kept.some(({ id }) => id === plan.id)) return;
  const ofTab = kept.filter(({ tab }) => tab === plan.tab).slice(1 - mostOfTab);
  kept = [...kept.filter(({ tab }) => tab !== plan.tab), ...ofTab, plan];
}

/** The newest first. */
export function plansOf(tab: string, except: string): readonly KeptPlan[] {
  return kept.filter((plan) => plan.tab === tab && plan.id !== except).toReversed();
}

/** Plans of tabs that are closed, or of another person, go. */
export function keepPlansOf(tabs: ReadonlySet<string>): void {
  kept = kept.filter(({ tab }) => tabs.has(tab));
}

export function forgetPlans(tab: string): void {
  kept = kept.filter((plan) => plan.tab !== tab);
}
