/** The icon of each capsule: its own when we carry it, else its theme's. */
import type { Icon } from '$lib/ui';
import BookOpen from '@lucide/svelte/icons/book-open';
import ClipboardCheck from '@lucide/svelte/icons/clipboard-check';
import Compass from '@lucide/svelte/icons/compass';
import Construction from '@lucide/svelte/icons/construction';
import Droplets from '@lucide/svelte/icons/droplets';
import Ear from '@lucide/svelte/icons/ear';
import Eye from '@lucide/svelte/icons/eye';
import FireExtinguisher from '@lucide/svelte/icons/fire-extinguisher';
import Flame from '@lucide/svelte/icons/flame';
import FlaskConical from '@lucide/svelte/icons/flask-conical';
import Forklift from '@lucide/svelte/icons/forklift';
import HardHat from '@lucide/svelte/icons/hard-hat';
import HeartPulse from '@lucide/svelte/icons/heart-pulse';
import Leaf from '@lucide/svelte/icons/leaf';
import ListTree from '@lucide/svelte/icons/list-tree';
import Lock from '@lucide/svelte/icons/lock';
import Megaphone from '@lucide/svelte/icons/megaphone';
import MessagesSquare from '@lucide/svelte/icons/messages-square';
import MoveVertical from '@lucide/svelte/icons/move-vertical';
import Package from '@lucide/svelte/icons/package';
import Recycle from '@lucide/svelte/icons/recycle';
import Siren from '@lucide/svelte/icons/siren';
import TriangleAlert from '@lucide/svelte/icons/triangle-alert';
import Truck from '@lucide/svelte/icons/truck';
import Zap from '@lucide/svelte/icons/zap';

const BY_THEME: Readonly<Record<string, Icon>> = {
  reporting: Megaphone,
  'first-aid': HeartPulse,
  chemical: FlaskConical,
  energy: Zap,
  height: MoveVertical,
  handling: Package,
  fire: Flame,
  environment: Leaf,
  audit: ClipboardCheck,
  method: Compass,
  brief: MessagesSquare,
  road: Truck,
};

const BY_NAME: Readonly<Record<string, Icon>> = {
  'clipboard-check': ClipboardCheck,
  compass: Compass,
  construction: Construction,
  droplets: Droplets,
  ear: Ear,
  eye: Eye,
  'fire-extinguisher': FireExtinguisher,
  flame: Flame,
  'flask-conical': FlaskConical,
  forklift: Forklift,
  'hard-hat': HardHat,
  'heart-pulse': HeartPulse,
  leaf: Leaf,
  'list-tree': ListTree,
  lock: Lock,
  megaphone: Megaphone,
  'messages-square': MessagesSquare,
  'move-vertical': MoveVertical,
  package: Package,
  recycle: Recycle,
  siren: Siren,
  'triangle-alert': TriangleAlert,
  truck: Truck,
  zap: Zap,
};

export function iconOf(theme: string, name: string): Icon {
  return BY_NAME[name] ?? BY_THEME[theme] ?? BookOpen;
}

interface Words {
  has: (id: string) => boolean;
  t: (id: string) => string;
}

/** A theme in words; nothing for one that we do not know. */
export function themeName(words: Words, theme: string): string {
  const id = `learn-theme-${theme}`;
  return words.has(id) ? words.t(id) : '';
}
