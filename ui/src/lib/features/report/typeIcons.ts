/** The mark of each kind of report. */
import ClipboardCheck from '@lucide/svelte/icons/clipboard-check';
import Ear from '@lucide/svelte/icons/ear';
import Eye from '@lucide/svelte/icons/eye';
import FileX from '@lucide/svelte/icons/file-x';
import HandHelping from '@lucide/svelte/icons/hand-helping';
import Siren from '@lucide/svelte/icons/siren';
import TriangleAlert from '@lucide/svelte/icons/triangle-alert';
import type { ReportType } from '$lib/generated/commands';
import type { Icon } from '$lib/ui';

export const TYPE_ICONS: Readonly<Record<ReportType, Icon>> = {
  incident: Siren,
  near_miss: TriangleAlert,
  weak_signal: Ear,
  need: HandHelping,
  non_conformity: FileX,
  observation: Eye,
  flash_audit: ClipboardCheck,
};

/** The message id of a kind's name. */
export function typeKey(type: ReportType): string {
  return `report-type-${type.replaceAll('_', '-')}`;
}
