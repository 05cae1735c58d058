/** What can be decided about a report, and which decision comes next. */
import Flag from '@lucide/svelte/icons/flag';
import Gauge from '@lucide/svelte/icons/gauge';
import HandHelping from '@lucide/svelte/icons/hand-helping';
import RotateCcw from '@lucide/svelte/icons/rotate-ccw';
import UserPlus from '@lucide/svelte/icons/user-plus';
import type { Status, ReportView } from '$lib/generated/commands';
import type { Icon } from '$lib/ui';

export type Decision = 'take' | 'close' | 'reopen' | 'severity' | 'assign';

const ICONS: Record<Decision, Icon> = {
  take: HandHelping,
  close: Flag,
  reopen: RotateCcw,
  severity: Gauge,
  assign: UserPlus,
};

const NEXT: Record<Status, Decision> = {
  open: 'take',
  in_progress: 'close',
  closed: 'reopen',
};

/** A decision as a button shows it; `name` is the id of its words. */
export interface Choice {
  decision: Decision;
  name: string;
  icon: Icon;
}

/** The decision that moves a report on, then the others. */
export function decisionsOf(view: Pick<ReportView, 'row' | 'severities'>): [Choice, ...Choice[]] {
  const next = NEXT[view.row.status];
  const others: Decision[] = ['severity', 'assign'];
  if (next === 'take') others.push('close');
  const choice = (decision: Decision): Choice => ({
    decision,
    name: nameOf(decision, view.severities.length > 1),
    icon: ICONS[decision],
  });
  return [choice(next), ...others.map(choice)];
}

function nameOf(decision: Decision, disputed: boolean): string {
  if (decision !== 'severity') return `report-${decision}`;
  return disputed ? 'report-severity-decide' : 'report-severity-change';
}

/** A closed report asks for nothing, unless someone found it graver meanwhile. */
export function isPressing({ status, worsened }: ReportView['row']): boolean {
  return status !== 'closed' || worsened;
}
