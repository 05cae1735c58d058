/// <reference types="@sveltejs/kit" />

declare global {
  interface Window {
    /** Present inside the phone shell only. */
    __TAURI_INTERNALS__?: unknown;
  }
}

export {};
