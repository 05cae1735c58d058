/** The icon of each capsule: its own when we carry it, else its theme's. */
import type { Icon } from '$lib/ui';
import Accessibility from '@lucide/svelte/icons/accessibility';
import BadgeCheck from '@lucide/svelte/icons/badge-check';
import BookOpen from '@lucide/svelte/icons/book-open';
import ClipboardCheck from '@lucide/svelte/icons/clipboard-check';
import CloudRain from '@lucide/svelte/icons/cloud-rain';
import Cog from '@lucide/svelte/icons/cog';
import Compass from '@lucide/svelte/icons/compass';
import Construction from '@lucide/svelte/icons/construction';
import Droplets from '@lucide/svelte/icons/droplets';
import Ear from '@lucide/svelte/icons/ear';
import EarOff from '@lucide/svelte/icons/ear-off';
import Eye from '@lucide/svelte/icons/eye';
import FireExtinguisher from '@lucide/svelte/icons/fire-extinguisher';
import Flame from '@lucide/svelte/icons/flame';
import FlameKindling from '@lucide/svelte/icons/flame-kindling';
import FlaskConical from '@lucide/svelte/icons/flask-conical';
import Forklift from '@lucide/svelte/icons/forklift';
import Gauge from '@lucide/svelte/icons/gauge';
import Hand from '@lucide/svelte/icons/hand';
import HandHelping from '@lucide/svelte/icons/hand-helping';
import Handshake from '@lucide/svelte/icons/handshake';
import HardHat from '@lucide/svelte/icons/hard-hat';
import HeartHandshake from '@lucide/svelte/icons/heart-handshake';
import HeartPulse from '@lucide/svelte/icons/heart-pulse';
import Layers from '@lucide/svelte/icons/layers';
import Leaf from '@lucide/svelte/icons/leaf';
import ListTree from '@lucide/svelte/icons/list-tree';
import Lock from '@lucide/svelte/icons/lock';
import Megaphone from '@lucide/svelte/icons/megaphone';
import MessageCircleReply from '@lucide/svelte/icons/message-circle-reply';
import MessagesSquare from '@lucide/svelte/icons/messages-square';
import MoveVertical from '@lucide/svelte/icons/move-vertical';
import OctagonPause from '@lucide/svelte/icons/octagon-pause';
import Package from '@lucide/svelte/icons/package';
import PhoneCall from '@lucide/svelte/icons/phone-call';
import Recycle from '@lucide/svelte/icons/recycle';
import SearchCheck from '@lucide/svelte/icons/search-check';
import ShieldCheck from '@lucide/svelte/icons/shield-check';
import Siren from '@lucide/svelte/icons/siren';
import Stethoscope from '@lucide/svelte/icons/stethoscope';
import Target from '@lucide/svelte/icons/target';
import ThermometerSun from '@lucide/svelte/icons/thermometer-sun';
import Timer from '@lucide/svelte/icons/timer';
import TriangleAlert from '@lucide/svelte/icons/triangle-alert';
import Truck from '@lucide/svelte/icons/truck';
import UserRoundPlus from '@lucide/svelte/icons/user-round-plus';
import UsersRound from '@lucide/svelte/icons/users-round';
import Warehouse from '@lucide/svelte/icons/warehouse';
import Wind from '@lucide/svelte/icons/wind';
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
  machine: Cog,
  traffic: Forklift,
  confined: Wind,
  contractors: Handshake,
  health: Stethoscope,
  quality: BadgeCheck,
  relay: UsersRound,
};

const BY_NAME: Readonly<Record<string, Icon>> = {
  accessibility: Accessibility,
  'badge-check': BadgeCheck,
  'clipboard-check': ClipboardCheck,
  'cloud-rain': CloudRain,
  cog: Cog,
  compass: Compass,
  construction: Construction,
  droplets: Droplets,
  ear: Ear,
  'ear-off': EarOff,
  eye: Eye,
  'fire-extinguisher': FireExtinguisher,
  flame: Flame,
  'flame-kindling': FlameKindling,
  'flask-conical': FlaskConical,
  forklift: Forklift,
  gauge: Gauge,
  hand: Hand,
  'hand-helping': HandHelping,
  handshake: Handshake,
  'hard-hat': HardHat,
  'heart-handshake': HeartHandshake,
  'heart-pulse': HeartPulse,
  layers: Layers,
  leaf: Leaf,
  'list-tree': ListTree,
  lock: Lock,
  megaphone: Megaphone,
  'message-circle-reply': MessageCircleReply,
  'messages-square': MessagesSquare,
  'move-vertical': MoveVertical,
  'octagon-pause': OctagonPause,
  package: Package,
  'phone-call': PhoneCall,
  recycle: Recycle,
  'search-check': SearchCheck,
  'shield-check': ShieldCheck,
  siren: Siren,
  stethoscope: Stethoscope,
  target: Target,
  'thermometer-sun': ThermometerSun,
  timer: Timer,
  'triangle-alert': TriangleAlert,
  truck: Truck,
  'user-round-plus': UserRoundPlus,
  'users-round': UsersRound,
  warehouse: Warehouse,
  wind: Wind,
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
