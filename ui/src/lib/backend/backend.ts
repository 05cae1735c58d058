/** The one door to what the app knows and does, as every screen sees it. */
import { createContext } from 'svelte';
import type { CommandName, Commands } from '$lib/generated/commands';

export type Input<N extends CommandName> = Commands[N]['input'];
export type Output<N extends CommandName> = Commands[N]['output'];

/** Features whose data changed, by name. */
export type Changed = readonly string[];

/** Something that the door refused or that could not reach it. */
export class BackendError extends Error {
  /** What a screen branches on and translates: `offline`, `signed-out`, `forbidden`, … */
  readonly code: string;
  /** More, for some codes. */
  readonly details: unknown;

  constructor(code: string, message: string, details?: unknown) {
    super(message);
    this.name = 'BackendError';
    this.code = code;
    this.details = details;
  }
}

/** How one call may behave. */
export interface CallOptions<N extends CommandName> {
  /**
   * Browser only, for the commands that may wait in the browser (`WAITING_COMMANDS`): computes the
   * answer to give when the network is missing and the call was kept for later. Without it, a
   * command that answers nothing is answered with nothing, and any other fails with `offline`.
   */
  offline?: (() => Output<N> | Promise<Output<N>>) | undefined;
}

/** What waits in this browser for the network. The app keeps its own count: see `sync.health`. */
export interface Waiting {
  /** Calls kept for later, of the person signed in. */
  readonly count: number;
  /** What these calls are about, as people count: a report is one thing. */
  readonly things: number;
  /** Things kept by someone else who used this browser. */
  readonly others: number;
  /** Why the server, which answers, takes none of them now: a stable code. */
  readonly held: string | null;
  /** Calls that the server refused, kept readable. */
  readonly refused: readonly RefusedCall[];
}

/** A call that the server refused after it had waited. */
export interface RefusedCall {
  id: string;
  name: CommandName;
  input: unknown;
  /** Why, as a stable code. */
  code: string;
  /** When it was refused, in milliseconds. */
  at: number;
}

/** The door. Made once by `openBackend`, read with `getBackend()`. */
export interface Backend {
  /** Whether this is the app or a browser. */
  readonly kind: 'app' | 'web';
  /** Whether the server answered last time. Reactive. */
  readonly online: boolean;
  /** Browser: what waits here. Reactive. `null` in the app. */
  readonly waiting: Waiting | null;
  /** Calls a command. Fails with `BackendError`. */
  call<N extends CommandName>(
    name: N,
    input: Input<N>,
    options?: CallOptions<N>,
  ): Promise<Output<N>>;
  /** Hears which features changed, from here or elsewhere. Returns the way to stop hearing. */
  onChange(listener: (changed: Changed) => void): () => void;
  /** Phone: reads a QR code with the camera; `null` when the person gave up or refused it. */
  scan?: () => Promise<string | null>;
  /** Browser: sends what waits, now. */
  sendWaiting?: () => Promise<void>;
  /** Browser: forgets a refused call, once its author has read why. */
  forgetRefused?: (id: string) => Promise<void>;
  /** Lets go of the connection. */
  close(): void;
}

/** Every feature: said when anything may have changed, as after a lost connection. */
export const ALL_FEATURES: Changed = [
  'account',
  'directory',
  'form',
  'draft',
  'report',
  'action',
  'learn',
  'studio',
  'sync',
];

const [get, set] = createContext<Backend>();

/** The door, in any component below the layout. */
export const getBackend = get;
/** Puts the door in context; once, in the root layout. */
export const setBackend = set;
