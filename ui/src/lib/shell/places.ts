/** The places of the app and who sees them. Five, fixed by design: the thumb learns where they are. */
import BookOpen from '@lucide/svelte/icons/book-open';
import ClipboardList from '@lucide/svelte/icons/clipboard-list';
import ListChecks from '@lucide/svelte/icons/list-checks';
import Megaphone from '@lucide/svelte/icons/megaphone';
import PencilRuler from '@lucide/svelte/icons/pencil-ruler';
import Send from '@lucide/svelte/icons/send';
import Sun from '@lucide/svelte/icons/sun';
import Users from '@lucide/svelte/icons/users';
import type { Role } from '$lib/generated/commands';
import type { Icon } from '$lib/ui';

export interface Place {
  /** Message id of its name. */
  name: string;
  /** Message id of its name where there is little room. */
  short?: string;
  route: string;
  icon: Icon;
  /** The one amber place: to report. */
  signal?: boolean;
  /** Paths that belong to it besides its own. */
  also?: readonly string[];
}

/** Roles that triage what others report. */
const STEERING: readonly Role[] = ['manager', 'relay', 'lead', 'admin'];
/** Roles that write capsules. */
const WRITING: readonly Role[] = ['lead', 'admin'];

type Has = (...roles: Role[]) => boolean;

/** The five tabs, for someone's roles. */
export function tabsFor(has: Has): Place[] {
  const last: Place = has(...STEERING)
    ? { name: 'nav-pilot', route: '/triage', icon: ListChecks, also: ['/actions', '/reports'] }
    : {
        name: 'nav-mine',
        short: 'nav-mine-short',
        route: '/reports',
        icon: Send,
        also: ['/actions'],
      };
  return [
    { name: 'nav-today', route: '/', icon: Sun },
    { name: 'nav-learn', route: '/learn', icon: BookOpen, also: ['/studio'] },
    { name: 'nav-report', route: '/report', icon: Megaphone, signal: true },
    { name: 'nav-network', route: '/network', icon: Users },
    last,
  ];
}

/** What the rail of a desk shows besides the five. */
export function moreFor(has: Has): Place[] {
  const more: Place[] = [{ name: 'nav-actions', route: '/actions', icon: ClipboardList }];
  if (has(...STEERING)) more.push({ name: 'nav-mine', route: '/reports', icon: Send });
  if (has(...WRITING)) more.push({ name: 'nav-studio', route: '/studio', icon: PencilRuler });
  return more;
}

/** Whether a path lies in a place. */
export function isIn(place: Place, path: string, others: readonly Place[] = []): boolean {
  if (place.route === '/') return path === '/';
  const under = (route: string) => path === route || path.startsWith(`${route}/`);
  if (under(place.route)) return true;
  // A place of its own in the rail is not also part of another.
  if (others.some((other) => under(other.route))) return false;
  return place.also?.some(under) ?? false;
}

/** Whether a screen speaks with the first messages alone; all others wait for the rest of them. */
export function needsFirstWordsOnly(path: string): boolean {
  return path === '/' || path === '/enrol' || /^\/(report|learn)(\/|$)/.test(path);
}
