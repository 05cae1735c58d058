/** The icons that forms may name, by their lucide name: one chunk, fetched with the first form. */
import type { Icon } from '$lib/ui';
import Ambulance from '@lucide/svelte/icons/ambulance';
import ArrowDownFromLine from '@lucide/svelte/icons/arrow-down-from-line';
import Bandage from '@lucide/svelte/icons/bandage';
import BellRing from '@lucide/svelte/icons/bell-ring';
import Biohazard from '@lucide/svelte/icons/biohazard';
import Box from '@lucide/svelte/icons/box';
import Boxes from '@lucide/svelte/icons/boxes';
import Brush from '@lucide/svelte/icons/brush';
import Calendar from '@lucide/svelte/icons/calendar';
import CircleAlert from '@lucide/svelte/icons/circle-alert';
import CircleCheck from '@lucide/svelte/icons/circle-check';
import CircleDot from '@lucide/svelte/icons/circle-dot';
import CircleHelp from '@lucide/svelte/icons/circle-help';
import CircleMinus from '@lucide/svelte/icons/circle-minus';
import CircleQuestionMark from '@lucide/svelte/icons/circle-question-mark';
import CircleSlash from '@lucide/svelte/icons/circle-slash';
import CircleX from '@lucide/svelte/icons/circle-x';
import ClipboardCheck from '@lucide/svelte/icons/clipboard-check';
import ClipboardList from '@lucide/svelte/icons/clipboard-list';
import ClipboardX from '@lucide/svelte/icons/clipboard-x';
import Clock from '@lucide/svelte/icons/clock';
import Cog from '@lucide/svelte/icons/cog';
import Construction from '@lucide/svelte/icons/construction';
import DoorOpen from '@lucide/svelte/icons/door-open';
import Droplets from '@lucide/svelte/icons/droplets';
import Ear from '@lucide/svelte/icons/ear';
import Eye from '@lucide/svelte/icons/eye';
import EyeOff from '@lucide/svelte/icons/eye-off';
import Factory from '@lucide/svelte/icons/factory';
import FileText from '@lucide/svelte/icons/file-text';
import FireExtinguisher from '@lucide/svelte/icons/fire-extinguisher';
import Flame from '@lucide/svelte/icons/flame';
import FlaskConical from '@lucide/svelte/icons/flask-conical';
import Footprints from '@lucide/svelte/icons/footprints';
import Forklift from '@lucide/svelte/icons/forklift';
import Gauge from '@lucide/svelte/icons/gauge';
import Glasses from '@lucide/svelte/icons/glasses';
import GraduationCap from '@lucide/svelte/icons/graduation-cap';
import Hammer from '@lucide/svelte/icons/hammer';
import Hand from '@lucide/svelte/icons/hand';
import HandHelping from '@lucide/svelte/icons/hand-helping';
import Handshake from '@lucide/svelte/icons/handshake';
import HardHat from '@lucide/svelte/icons/hard-hat';
import HeartPulse from '@lucide/svelte/icons/heart-pulse';
import Hourglass from '@lucide/svelte/icons/hourglass';
import Info from '@lucide/svelte/icons/info';
import Key from '@lucide/svelte/icons/key';
import LayoutGrid from '@lucide/svelte/icons/layout-grid';
import Leaf from '@lucide/svelte/icons/leaf';
import Lightbulb from '@lucide/svelte/icons/lightbulb';
import ListChecks from '@lucide/svelte/icons/list-checks';
import Lock from '@lucide/svelte/icons/lock';
import LockOpen from '@lucide/svelte/icons/lock-open';
import MapPin from '@lucide/svelte/icons/map-pin';
import Megaphone from '@lucide/svelte/icons/megaphone';
import MessagesSquare from '@lucide/svelte/icons/messages-square';
import Monitor from '@lucide/svelte/icons/monitor';
import OctagonAlert from '@lucide/svelte/icons/octagon-alert';
import Package from '@lucide/svelte/icons/package';
import PackageOpen from '@lucide/svelte/icons/package-open';
import PackageX from '@lucide/svelte/icons/package-x';
import PlugZap from '@lucide/svelte/icons/plug-zap';
import Puzzle from '@lucide/svelte/icons/puzzle';
import Recycle from '@lucide/svelte/icons/recycle';
import Repeat from '@lucide/svelte/icons/repeat';
import Route from '@lucide/svelte/icons/route';
import Ruler from '@lucide/svelte/icons/ruler';
import Scale from '@lucide/svelte/icons/scale';
import ScanEye from '@lucide/svelte/icons/scan-eye';
import Scissors from '@lucide/svelte/icons/scissors';
import SearchCheck from '@lucide/svelte/icons/search-check';
import ShieldAlert from '@lucide/svelte/icons/shield-alert';
import ShieldCheck from '@lucide/svelte/icons/shield-check';
import Shirt from '@lucide/svelte/icons/shirt';
import Signpost from '@lucide/svelte/icons/signpost';
import Siren from '@lucide/svelte/icons/siren';
import Skull from '@lucide/svelte/icons/skull';
import Snowflake from '@lucide/svelte/icons/snowflake';
import Stethoscope from '@lucide/svelte/icons/stethoscope';
import Thermometer from '@lucide/svelte/icons/thermometer';
import ThumbsDown from '@lucide/svelte/icons/thumbs-down';
import ThumbsUp from '@lucide/svelte/icons/thumbs-up';
import Timer from '@lucide/svelte/icons/timer';
import TrafficCone from '@lucide/svelte/icons/traffic-cone';
import Trash2 from '@lucide/svelte/icons/trash-2';
import TriangleAlert from '@lucide/svelte/icons/triangle-alert';
import Truck from '@lucide/svelte/icons/truck';
import User from '@lucide/svelte/icons/user';
import UserCheck from '@lucide/svelte/icons/user-check';
import Users from '@lucide/svelte/icons/users';
import Volume2 from '@lucide/svelte/icons/volume-2';
import Warehouse from '@lucide/svelte/icons/warehouse';
import Waves from '@lucide/svelte/icons/waves';
import Weight from '@lucide/svelte/icons/weight';
import Wind from '@lucide/svelte/icons/wind';
import Workflow from '@lucide/svelte/icons/workflow';
import Wrench from '@lucide/svelte/icons/wrench';
import Zap from '@lucide/svelte/icons/zap';

const ICONS: Readonly<Record<string, Icon>> = {
  ambulance: Ambulance,
  'arrow-down-from-line': ArrowDownFromLine,
  bandage: Bandage,
  'bell-ring': BellRing,
  biohazard: Biohazard,
  box: Box,
  boxes: Boxes,
  brush: Brush,
  calendar: Calendar,
  'circle-alert': CircleAlert,
  'circle-check': CircleCheck,
  'circle-dot': CircleDot,
  'circle-help': CircleHelp,
  'circle-minus': CircleMinus,
  'circle-question-mark': CircleQuestionMark,
  'circle-slash': CircleSlash,
  'circle-x': CircleX,
  'clipboard-check': ClipboardCheck,
  'clipboard-list': ClipboardList,
  'clipboard-x': ClipboardX,
  clock: Clock,
  cog: Cog,
  construction: Construction,
  'door-open': DoorOpen,
  droplets: Droplets,
  ear: Ear,
  eye: Eye,
  'eye-off': EyeOff,
  factory: Factory,
  'file-text': FileText,
  'fire-extinguisher': FireExtinguisher,
  flame: Flame,
  'flask-conical': FlaskConical,
  footprints: Footprints,
  forklift: Forklift,
  gauge: Gauge,
  glasses: Glasses,
  'graduation-cap': GraduationCap,
  hammer: Hammer,
  hand: Hand,
  'hand-helping': HandHelping,
  handshake: Handshake,
  'hard-hat': HardHat,
  'heart-pulse': HeartPulse,
  hourglass: Hourglass,
  info: Info,
  key: Key,
  'layout-grid': LayoutGrid,
  leaf: Leaf,
  lightbulb: Lightbulb,
  'list-checks': ListChecks,
  lock: Lock,
  'lock-open': LockOpen,
  'map-pin': MapPin,
  megaphone: Megaphone,
  'messages-square': MessagesSquare,
  monitor: Monitor,
  'octagon-alert': OctagonAlert,
  package: Package,
  'package-open': PackageOpen,
  'package-x': PackageX,
  'plug-zap': PlugZap,
  puzzle: Puzzle,
  recycle: Recycle,
  repeat: Repeat,
  route: Route,
  ruler: Ruler,
  scale: Scale,
  'scan-eye': ScanEye,
  scissors: Scissors,
  'search-check': SearchCheck,
  'shield-alert': ShieldAlert,
  'shield-check': ShieldCheck,
  shirt: Shirt,
  signpost: Signpost,
  siren: Siren,
  skull: Skull,
  snowflake: Snowflake,
  stethoscope: Stethoscope,
  thermometer: Thermometer,
  'thumbs-down': ThumbsDown,
  'thumbs-up': ThumbsUp,
  timer: Timer,
  'traffic-cone': TrafficCone,
  'trash-2': Trash2,
  'triangle-alert': TriangleAlert,
  truck: Truck,
  user: User,
  'user-check': UserCheck,
  users: Users,
  'volume-2': Volume2,
  warehouse: Warehouse,
  waves: Waves,
  weight: Weight,
  wind: Wind,
  workflow: Workflow,
  wrench: Wrench,
  zap: Zap,
};

/** The icon of that name; `undefined` when there is none, so that nothing is drawn. */
export function iconNamed(name: string | null | undefined): Icon | undefined {
  return name ? ICONS[name] : undefined;
}

/** The icon of a form: its own, else a sheet. */
export function formIcon(name: string): Icon {
  return ICONS[name] ?? ClipboardList;
}
